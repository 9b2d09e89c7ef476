"""The descriptions that stand for each label, and their embeddings: the label bank of the bundle.

Shape legend: K labels, k centres a label, D embedding size.
"""

from collections import Counter
from collections.abc import Sequence

import torch
from torch import Tensor

from omnibind_ros.simulation.objects import OBJECT_CLASSES
from training.data.words import article
from training.teachers.text_tower import TextProjection, encode_sentences

CENTRES = 12
_PATTERNS = (
    "a photo of {article} {label}",
    "{article} {label}",
    "a thermal image of {article} {label}",
    "the sound of {article} {label} being tapped",
    "the shape of {article} {label}",
    "the touch of {article} {label}",
)
_SPARE_PATTERNS = (
    "this is {article} {label}",
    "one {label}",
    "a close-up of {article} {label}",
    "the outline of {article} {label}",
    "{article} {label} on a table",
    "somebody's {label}",
)


def label_descriptions(label: str, captions: Sequence[str]) -> list[str]:
    """`CENTRES` different descriptions of a label: patterns, that of the simulation, and its most frequent captions.

    captions: of training samples of this label; further patterns stand in where they are too few. Every label gets the
    same number, because the best of many is higher than the best of few.
    """
    candidates = [pattern.format(label=label, article=article(label)) for pattern in _PATTERNS]
    candidates.extend(kind.description for kind in OBJECT_CLASSES if kind.label == label)
    candidates.extend(caption for caption, _ in Counter(captions).most_common())
    candidates.extend(pattern.format(label=label, article=article(label)) for pattern in _SPARE_PATTERNS)
    return list(dict.fromkeys(candidates))[:CENTRES]


def all_descriptions(labels: Sequence[str], captions_of_label: Sequence[Sequence[str]]) -> list[list[str]]:
    """Descriptions of every label; captions_of_label: training captions in the same order."""
    return [label_descriptions(label, captions) for label, captions in zip(labels, captions_of_label, strict=True)]


@torch.no_grad()
def embed_descriptions(descriptions: Sequence[Sequence[str]], projection: TextProjection) -> Tensor:
    """Centres (K, k, D) of descriptions, through the text tower, on the CPU."""
    flat = [sentence for sentences in descriptions for sentence in sentences]
    centre_MD: Tensor = projection(encode_sentences(flat).to(projection.linear.weight.device)).cpu()
    return centre_MD.reshape(len(descriptions), -1, centre_MD.shape[-1])
