"""Accuracy of a fusion head on every combination of live modalities.

Shape legend: M modalities, R rows, T tokens, D embedding size.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from omnibind_ros.modality import Modality
from omnibind_ros.recognition.label_bank import LabelBank
from training.fusion.embedded import EmbeddedSet

Members = tuple[int, ...]
_LEAST_SAMPLES = 20
_MANY = 5
_ROWS_AT_ONCE = 1024


@dataclass(frozen=True)
class Replaced:
    """What stands in a modality's place: embeddings (N, D) and the quality (N,) they come with, for every sample."""

    embedding_ND: Tensor
    quality_N: Tensor


def every_combination(embedded: EmbeddedSet) -> list[Members]:
    """All sets of modalities for which there are enough samples, as indices, the small ones first."""
    indices = range(len(embedded.modalities))
    every = [members for size in range(1, len(indices) + 1) for members in combinations(indices, size)]
    return [members for members in every if len(rows_with(embedded, members))]


def rows_with(embedded: EmbeddedSet, members: Members) -> Tensor:
    """The samples (R,) that have all of these modalities; none when they are too few to measure anything."""
    row_R = embedded.usable_MN[list(members)].all(dim=0).nonzero().squeeze(1)
    return row_R if len(row_R) >= min(_LEAST_SAMPLES, len(embedded)) else row_R[:0]


@torch.no_grad()
def fused_rows(
    embedded: EmbeddedSet,
    head: nn.Module,
    members: Members,
    row_R: Tensor,
    replaced: Mapping[int, Replaced] | None = None,
) -> Tensor:
    """Fused embeddings (R, D) of these samples from these modalities; replaced: what stands in a modality's place."""
    embeddings, qualities = [], []
    for index in members:
        other = (replaced or {}).get(index)
        embeddings.append((other.embedding_ND if other else embedded.embedding_MNVD[index, :, 0])[row_R])
        qualities.append((other.quality_N if other else embedded.quality_MN[index])[row_R])
    token_RTD, quality_RT = torch.stack(embeddings, dim=1), torch.stack(qualities, dim=1)
    modality_RT = embedded.code_M[list(members)].expand(len(row_R), -1)
    live_RT = torch.ones_like(modality_RT, dtype=torch.bool)
    parts = [
        head(token_RTD[part], modality_RT[part], quality_RT[part], live_RT[part])[0]
        for part in torch.split(torch.arange(len(row_R)), _ROWS_AT_ONCE)
    ]
    return torch.cat(parts)


def recognised(bank: LabelBank, fused_RD: Tensor) -> NDArray[np.int64]:
    """The nearest label (R,) of each fused embedding, as the robot finds it."""
    nearest_R: NDArray[np.int64] = bank.similarity(fused_RD.numpy()).argmax(axis=1)
    return nearest_R


def accuracy(
    embedded: EmbeddedSet,
    head: nn.Module,
    bank: LabelBank,
    members: Members,
    replaced: Mapping[int, Replaced] | None = None,
) -> float:
    """Share of the samples with these modalities that are recognised from them."""
    row_R = rows_with(embedded, members)
    found_R = recognised(bank, fused_rows(embedded, head, members, row_R, replaced))
    return float((found_R == embedded.label_N[row_R].numpy()).mean())


def averages(accuracies: Mapping[Members, float]) -> dict[str, float]:
    """Means over all combinations of 1, 2, 3, 4, and 5 or more modalities, of 2 or more, and of all."""
    groups: dict[str, list[float]] = {}
    for members, value in accuracies.items():
        size = len(members)
        names = (f"{_MANY}+" if size >= _MANY else str(size), *(("2+",) if size >= 2 else ()), "all")
        for name in names:
            groups.setdefault(name, []).append(value)
    order = ("1", "2", "3", "4", f"{_MANY}+", "2+", "all")
    return {name: float(np.mean(groups[name])) for name in order if name in groups}


def sensors_only(embedded: EmbeddedSet, accuracies: Mapping[Members, float]) -> dict[Members, float]:
    """The combinations without text."""
    text = {index for index, modality in enumerate(embedded.modalities) if modality is Modality.TEXT}
    return {members: value for members, value in accuracies.items() if not text & set(members)}


def combination_name(embedded: EmbeddedSet, members: Members) -> str:
    """As it stands in results: `image+touch`."""
    return "+".join(str(embedded.modalities[index]) for index in members)
