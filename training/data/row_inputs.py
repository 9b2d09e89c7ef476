"""The model inputs of a training: in memory while they are few, otherwise left on the disk and read batch by batch.

Shape legend: R rows of the training, B batch.
"""

import math
from itertools import accumulate
from pathlib import Path

import torch
from safetensors import safe_open
from torch import Tensor

from omnibind_ros.modality import Modality
from training.data.sample_set import SampleSet

HELD_BYTES = 4 * 2**30
"""What is kept in the memory of the training device, as float32."""


class RowInputs:
    """Inputs of rows that all have one, on a device; shape: (R, *input_shape)."""

    def __init__(self, samples: SampleSet, modality: Modality, row_R: Tensor, device: torch.device) -> None:
        self._modality, self._device = modality, device
        self._shards = samples.shards(modality)
        self._item_R = samples.item_of_row(modality)[row_R]
        sizes = [self._shape_of(shard) for shard in self._shards]
        self._ends = torch.tensor(list(accumulate(size[0] for size in sizes)))
        self.shape = (len(row_R), *sizes[0][1:])
        few = 4 * math.prod(self.shape) <= HELD_BYTES
        self._held_R = samples.inputs(modality)[row_R].to(device) if few else None

    def __getitem__(self, row_B: Tensor) -> Tensor:
        """Inputs (B, *input_shape) float32 of some of the rows, by their places among the R."""
        if self._held_R is not None:
            return self._held_R[row_B]
        item_B = self._item_R[row_B.cpu()]
        shard_B = torch.searchsorted(self._ends, item_B, right=True)
        read = torch.empty(len(item_B), *self.shape[1:])
        for number in sorted(set(shard_B.tolist())):
            first = int(self._ends[number - 1]) if number else 0
            with safe_open(self._shards[number], framework="pt") as tensors:
                stored = tensors.get_slice(self._modality.value)
                for place in (shard_B == number).nonzero().squeeze(1).tolist():
                    item = int(item_B[place]) - first
                    read[place] = stored[item : item + 1][0]
        return read.to(self._device)

    def _shape_of(self, shard: Path) -> tuple[int, ...]:
        with safe_open(shard, framework="pt") as tensors:
            return tuple(tensors.get_slice(self._modality.value).get_shape())
