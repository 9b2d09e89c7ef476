"""The descriptions that stand for each label, and their embeddings: the label bank of the bundle.

Shape legend: K labels, k centres a label, D embedding size.
"""

from collections import Counter
from collections.abc import Sequence

from torch import Tensor

from omnibind_ros.simulation.objects import OBJECT_CLASSES, ObjectClass
from training.teachers.text_tower import TextProjection, encode_sentences

CENTRES = 12
_PATTERNS = (
    "a photo of a {label}",
    "a {label}",
    "a thermal image of a {label}",
    "the sound of a {label} being tapped",
    "the shape of a {label}",
    "the touch of a {label}",
)
_SPARE_PATTERNS = (
    "this is a {label}",
    "one {label}",
    "a close-up of a {label}",
    "the outline of a {label}",
    "a {label} on a table",
    "somebody's {label}",
)


def label_descriptions(object_class: ObjectClass, captions: Sequence[str]) -> list[str]:
    """`CENTRES` different descriptions of a label: patterns, its own description, and its most frequent captions.

    captions: of training samples of this label; further patterns stand in where they are too few. Every label gets the
    same number, because the best of many is higher than the best of few.
    """
    candidates = [pattern.format(label=object_class.label) for pattern in _PATTERNS]
    candidates.append(object_class.description)
    candidates.extend(caption for caption, _ in Counter(captions).most_common())
    candidates.extend(pattern.format(label=object_class.label) for pattern in _SPARE_PATTERNS)
    return list(dict.fromkeys(candidates))[:CENTRES]


def all_descriptions(captions_of_label: Sequence[Sequence[str]]) -> list[list[str]]:
    """Descriptions of every label in the order of LABELS; captions_of_label: training captions in the same order."""
    return [
        label_descriptions(object_class, captions)
        for object_class, captions in zip(OBJECT_CLASSES, captions_of_label, strict=True)
    ]


def embed_descriptions(descriptions: Sequence[Sequence[str]], projection: TextProjection) -> Tensor:
    """Centres (K, k, D) of descriptions, through the text tower."""
    flat = [sentence for sentences in descriptions for sentence in sentences]
    centre_MD: Tensor = projection(encode_sentences(flat))
    return centre_MD.reshape(len(descriptions), -1, centre_MD.shape[-1]).detach()
