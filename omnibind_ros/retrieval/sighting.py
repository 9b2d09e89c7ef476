"""One thing seen at one moment: what a memory is made of."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from typing_extensions import Self

from omnibind_ros.inference.embedding import Embedding
from omnibind_ros.modality import Modality
from omnibind_ros.pipeline.recognition import Recognition

# Names come from the wire, and every entry keeps its own.
LONGEST_NAME = 200


@dataclass(frozen=True, slots=True, eq=False)
class Sighting:
    """What a recognition leaves in the memory.

    vector: the fused embedding (D,) float32 of length 1. space: its space's number. stamp_ns, frame_id: of the newest
    sensor in it. label, score: the best hypothesis. modalities: those that were fused.
    """

    vector: NDArray[np.float32]
    space: int
    stamp_ns: int
    frame_id: str
    label: str
    score: float
    modalities: frozenset[Modality]

    @classmethod
    def of(cls, recognition: Recognition, space: int) -> Self:
        """What a recognition in an embedding space has seen."""
        best = recognition.answer.best
        return cls(
            recognition.vector,
            space,
            recognition.stamp_ns,
            short(recognition.frame_id),
            short(best.label),
            best.score,
            modalities_of(one.embedding for one in recognition.contributions.values()),
        )


def short(name: str) -> str:
    """A name of bounded length."""
    return name[:LONGEST_NAME]


def modalities_of(members: Iterable[Embedding]) -> frozenset[Modality]:
    """The modalities of sources' embeddings."""
    return frozenset(member.modality for member in members if member.modality is not None)
