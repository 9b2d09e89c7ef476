"""Centres for labels that the bundle has none for: sentences about a label through the bundle's own text encoder.

Shapes: K labels, k centres a label, D dimensions.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.inference.backend import Backend
from omnibind_ros.inference.bundle import Bundle
from omnibind_ros.inference.bundle_schema import is_unknown
from omnibind_ros.modality import Modality
from omnibind_ros.recognition.centre_cache import CentreCache
from omnibind_ros.recognition.label_bank import LabelBank
from omnibind_ros.recognition.sentence_encoder import SentenceEncoder, SentenceReader

# A label gets as many as the bundle's own labels have, in this order and then again from the start: the best of many
# is higher than the best of few.
PROMPTS = (
    "a photo of a {label}",
    "a {label}",
    "a thermal image of a {label}",
    "the sound of a {label} being tapped",
    "the shape of a {label}",
    "the touch of a {label}",
    "this is a {label}",
    "one {label}",
    "a close-up of a {label}",
    "the outline of a {label}",
    "a {label} on a table",
    "somebody's {label}",
)
FEWEST_LABELS = 2
MOST_LABELS = 10_000
LONGEST_LABEL = 200


def check_labels(labels: Sequence[str], bundle: Bundle) -> None:
    """Raise ConfigurationError for labels that this bundle cannot tell apart; no labels stand for the bundle's own."""
    if not labels:
        return
    if not FEWEST_LABELS <= len(labels) <= MOST_LABELS or len(set(labels)) < len(labels):
        raise ConfigurationError(
            f"{len(labels)} labels, {len(labels) - len(set(labels))} of them repeated, cannot be told apart",
            remedy=f"name {FEWEST_LABELS} to {MOST_LABELS} different ones, or none for the bundle's own",
        )
    for label in labels:
        if not label.strip() or len(label) > LONGEST_LABEL:
            raise ConfigurationError(
                f"{label[:20]!r} cannot be a label", remedy=f"use words of up to {LONGEST_LABEL} characters"
            )
        if is_unknown(label):
            raise ConfigurationError(
                f"{label!r} cannot be a label: it is the answer when no label fits",
                remedy="give it another name in `labels`, or leave it out: what fits no label is recognised as that",
            )
    unknown = _unknown(labels, bundle)
    if unknown and Modality.TEXT not in bundle.modalities:
        raise ConfigurationError(
            f"the bundle {bundle.name} has no centre for {unknown[0]!r} and no text encoder to make one",
            remedy=f"use its own labels ({', '.join(bundle.description.labels.names[:5])}, …), or another bundle",
        )
    if unknown:
        reader = SentenceReader(bundle)
        for label in unknown:
            if not reader.knows(label):
                raise ConfigurationError(
                    f"the text encoder of the bundle {bundle.name} knows no word of {label!r}",
                    remedy="describe it in other words",
                )


def bank_for(
    labels: Sequence[str], bundle: Bundle, make_backend: Callable[[bytes, str], Backend], cache: CentreCache
) -> LabelBank | None:
    """The bank of these labels; None when none are given, for the bundle's own.

    A label of the bundle keeps its centres and examples; one that is in the cache is read from there; for others the
    text encoder is loaded and released again. Raises ConfigurationError and BackendError.
    """
    check_labels(labels, bundle)
    if not labels:
        return None
    own = dict(zip(bundle.description.labels.names, bundle.centres_KkD, strict=True))
    made = _centres(_unknown(labels, bundle), bundle, make_backend, cache)
    centres_KkD = np.stack([own[label] if label in own else made[label] for label in labels])
    examples = bundle.examples
    kept = None if examples is None else examples.of_labels(bundle.description.labels.names, labels)
    return LabelBank(labels, centres_KkD, kept)


def sentences(label: str, count: int) -> list[str]:
    """So many sentences that stand for a label."""
    return [PROMPTS[index % len(PROMPTS)].format(label=label) for index in range(count)]


def _unknown(labels: Sequence[str], bundle: Bundle) -> list[str]:
    own = set(bundle.description.labels.names)
    return [label for label in labels if label not in own]


def _centres(
    labels: Sequence[str], bundle: Bundle, make_backend: Callable[[bytes, str], Backend], cache: CentreCache
) -> dict[str, NDArray[np.float32]]:
    """Centres (k, D) of each label."""
    per_label, dimension = bundle.centres_KkD.shape[1:]
    keys = {label: _key(sentences(label, per_label), bundle) for label in labels}
    found = {label: cache.read(key, (per_label, dimension)) for label, key in keys.items()}
    centres = {label: centre for label, centre in found.items() if centre is not None}
    missing = [label for label in labels if label not in centres]
    if not missing:
        return centres
    encoder = SentenceEncoder(bundle, make_backend)
    try:
        for label in missing:
            centres[label] = encoder.encode(sentences(label, per_label))
            cache.write(keys[label], centres[label])
    finally:
        encoder.close()
    return centres


def _key(texts: Sequence[str], bundle: Bundle) -> tuple[str, ...]:
    """What the centres of these sentences depend on."""
    encoder, tokenizer = bundle.description.encoders[Modality.TEXT], bundle.description.tokenizer
    return (encoder.sha256, tokenizer.sha256 if tokenizer else "", repr(sorted(encoder.preprocessing.items())), *texts)
