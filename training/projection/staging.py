"""In which order a projector sees its pairs: one split after the other, the worst first, with some of the earlier ones.

Shape legend: R rows that an epoch draws from, B batch.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from training.optimise import shuffled_batches


def batches_of_split(
    sizes: Sequence[int], number: int, *, batch: int, epochs: int, replay: float, generator: torch.Generator
) -> list[Tensor]:
    """Batches (B,) int64 of the split `number`; rows are counted through all splits, in their order.

    sizes: number of pairs of each split. replay: the share of an epoch that is drawn afresh from the splits before,
    as far as they reach, so that they are not forgotten. A short last batch of an epoch is left out.
    """
    start, size = sum(sizes[:number]), sizes[number]
    wanted = min(start, round(size * replay / (1 - replay)))
    batches = []
    for _ in range(epochs):
        earlier = torch.randperm(start, generator=generator)[:wanted]
        row_R = torch.cat([torch.arange(start, start + size), earlier])
        batches += [row_R[part] for part in shuffled_batches(len(row_R), batch, 1, generator)]
    return batches
