"""Examples as the robot will compare them with its labels: fused, of one sensor alone and of several.

Shape legend: V views, D embedding size.
"""

import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from omnibind_ros.fusion.fusion_head import FusionHead
from omnibind_ros.inference.bundle import Bundle
from omnibind_ros.inference.embedding import Embedding
from omnibind_ros.inference.onnx_runtime import OnnxRuntimeBackend
from training.few_shot.examples import Example

FOLDS = 5


@dataclass(frozen=True, eq=False)
class Views:
    """vector_VD: float32 unit vectors. label_V: number of the label. members_V: how many sensors were fused.

    sensors_V: their names, joined by +. example_V: number of the example. fold_V: int64 in which fold of a
    cross-validation it is left out.
    """

    vector_VD: NDArray[np.float32]
    label_V: NDArray[np.int64]
    members_V: NDArray[np.int64]
    sensors_V: NDArray[np.str_]
    example_V: NDArray[np.int64]
    fold_V: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.label_V)

    def where(self, chosen_V: NDArray[np.bool_]) -> "Views":
        """Some of them."""
        return Views(*(getattr(self, field.name)[chosen_V] for field in fields(self)))


def fused_views(examples: Sequence[Example], bundle: Bundle, names: Sequence[str], threads: int, seed: int) -> Views:
    """Each sensor of an example alone, all together, and one random set of every number between."""
    fusion = bundle.description.fusion
    backend = OnnxRuntimeBackend(bundle.content(fusion), name=fusion.file, threads=threads)
    head = FusionHead(backend, dimension=bundle.dimension, file=fusion.file)
    fold = folds(examples, seed)
    vectors: list[NDArray[np.float32]] = []
    rows: list[tuple[int, int, str, int, int]] = []
    try:
        for number, example in enumerate(examples):
            for members in _sets(example, seed):
                vectors.append(head.fuse(members).vector)
                sensors = "+".join(str(member.modality) for member in members)
                rows.append((names.index(example.label), len(members), sensors, number, fold[number]))
    finally:
        head.close()
    return Views(
        np.stack(vectors) if vectors else np.zeros((0, bundle.dimension), np.float32),
        np.array([row[0] for row in rows], np.int64),
        np.array([row[1] for row in rows], np.int64),
        np.array([row[2] for row in rows], np.str_),
        np.array([row[3] for row in rows], np.int64),
        np.array([row[4] for row in rows], np.int64),
    )


def folds(examples: Sequence[Example], seed: int) -> list[int]:
    """The fold of each example: groups stay whole, except where a label has only one; labels are spread evenly."""
    groups_of: dict[str, set[str]] = {}
    for example in examples:
        groups_of.setdefault(example.label, set()).add(example.group)
    keys = [example.group if len(groups_of[example.label]) > 1 else f"id {example.id}" for example in examples]
    labels_in: dict[str, Counter[str]] = {}
    for key, example in zip(keys, examples, strict=True):
        labels_in.setdefault(key, Counter())[example.label] += 1
    filled: list[Counter[str]] = [Counter() for _ in range(FOLDS)]
    order = sorted(labels_in)
    np.random.default_rng(seed).shuffle(order)
    fold_of = {}
    for key in sorted(order, key=lambda key: -labels_in[key].total()):
        emptiest = min(
            range(FOLDS), key=lambda fold: (sum(filled[fold][name] for name in labels_in[key]), filled[fold].total())
        )
        filled[emptiest] += labels_in[key]
        fold_of[key] = emptiest
    return [fold_of[key] for key in keys]


def shared_groups(examples: Sequence[Example]) -> list[str]:
    """Labels whose examples all come from one thing or recording, so that leaving out flatters."""
    groups_of: dict[str, set[str]] = {}
    for example in examples:
        groups_of.setdefault(example.label, set()).add(example.group)
    return sorted(label for label, groups in groups_of.items() if len(groups) == 1)


def _sets(example: Example, seed: int) -> list[tuple[Embedding, ...]]:
    every = example.embeddings
    sets: list[tuple[Embedding, ...]] = [(one,) for one in every]
    generator = np.random.default_rng([seed, zlib.crc32(example.id.encode())])
    for size in range(2, len(every)):
        drawn = sorted(generator.permutation(len(every))[:size].tolist())
        sets.append(tuple(every[number] for number in drawn))
    return [*sets, every] if len(every) > 1 else sets
