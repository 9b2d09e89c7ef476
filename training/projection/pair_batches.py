"""What a projector's training is given step by step: its process's share of a batch of pairs, wherever that comes from.

Shape legend: B pairs of one process, D embedding size, I size of the frozen encoder's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.modality import Modality
from training.processes import own_share
from training.projection.embedding_table import EmbeddingTable
from training.projection.pairs import ABSENT, Pairs


@dataclass(frozen=True)
class FrozenBatch:
    """One frozen modality of a batch: unit vectors, and which pairs have it; the others' vectors mean nothing."""

    unit_BD: Tensor
    there_B: Tensor


@dataclass(frozen=True)
class PairBatch:
    """Pairs: the projected modality's embeddings, those of the frozen ones, and how well they match."""

    projected_BI: Tensor
    frozen: Mapping[Modality, FrozenBatch]
    target_B: Tensor


class PairBatches(Protocol):
    """The batches of a training. input_size: I; size: D; frozen: the modalities to project to."""

    input_size: int
    size: int
    modality: Modality
    frozen_modalities: tuple[Modality, ...]

    def __len__(self) -> int:
        """Number of steps."""

    def own(self, step: int) -> PairBatch:
        """This process's share of a step's batch, as large as every other process's. Steps are asked for in order."""


class CachedBatches:
    """Batches of pairs whose embeddings are all in memory."""

    def __init__(
        self,
        modality: Modality,
        projected: EmbeddingTable,
        frozen: Mapping[Modality, EmbeddingTable],
        pairs: Pairs,
        batches: Sequence[Tensor],
    ) -> None:
        """batches: numbers of pairs, the same in every process."""
        self.modality = modality
        self.frozen_modalities = tuple(frozen)
        self._projected_NI = torch.from_numpy(projected.vector_ND)
        self._unit = {one: torch.from_numpy(table.unit()) for one, table in frozen.items() if one in pairs.frozen}
        self._pairs, self._batches = pairs, batches
        self.input_size = projected.vector_ND.shape[1]
        self.size = next(iter(frozen.values())).vector_ND.shape[1]

    def __len__(self) -> int:
        return len(self._batches)

    def own(self, step: int) -> PairBatch:
        """This process's share of a step's batch."""
        return pair_batch(self._projected_NI, self._unit, self._pairs, own_share(self._batches[step]))


def check_space(modality: Modality, sizes: Mapping[Modality, int]) -> None:
    """Raise ConfigurationError unless a modality can be projected to frozen ones of these sizes."""
    if len(set(sizes.values())) != 1 or modality in sizes:
        raise ConfigurationError(
            f"the {modality} cannot be projected to {', '.join(f'{m} of {n}' for m, n in sizes.items())}",
            remedy="give the frozen embeddings of one or more other modalities, of one space and one size",
        )


def pair_batch(projected_NI: Tensor, unit: Mapping[Modality, Tensor], pairs: Pairs, row_B: Tensor) -> PairBatch:
    """Some of the pairs, with their embeddings; unit: the frozen ones (N, D)."""
    frozen = {}
    for modality, item_P in pairs.frozen.items():
        item_B = item_P[row_B]
        there_B = item_B != ABSENT
        frozen[modality] = FrozenBatch(unit[modality][item_B.clamp(min=0)], there_B)
    return PairBatch(projected_NI[pairs.projected_P[row_B]], frozen, pairs.target_P[row_B])
