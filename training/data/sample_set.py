"""The samples of one split, whatever made them: rows of matched items, tensors read when asked for.

A row is a matched combination: in the simulation all sensors saw one instance; with recordings each modality's item was
matched by sample, by label or by description.
Shape legend: N rows of the split, I items of a modality, F faulty ones.
"""

from pathlib import Path

import torch
from safetensors import safe_open
from torch import Tensor

from omnibind_ros.fusion.live_set import SMALLEST_QUALITY
from omnibind_ros.modality import Modality
from training.data.inputs import input_settings
from training.data.sample_index import ABSENT, load_index


class SampleSet:
    """One split: its folder is described in sample_index.py.

    labels: their names, label_N holds their numbers; captions: true sentences about each row, equally many a row;
    hints: what a person might say of it; modalities: the sensed ones it has items of, in the order of the wire codes.
    """

    def __init__(self, folder: Path) -> None:
        """Raises FileNotFoundError when the folder has no index."""
        index = load_index(folder)
        self._folder = folder
        self._items = index.items
        self.labels = tuple(index.labels)
        self.label_N: Tensor = torch.tensor(index.label_of_row, dtype=torch.int64)
        self.captions: list[list[str]] = index.captions
        self.hints: list[str] = index.hints
        self.modalities: tuple[Modality, ...] = tuple(modality for modality in Modality if modality in index.items)

    def __len__(self) -> int:
        return len(self.captions)

    def items(self, modality: Modality) -> Tensor:
        """Model inputs (I, *input_shape) float32 of the modality, each once, however many rows have it."""
        return self._tensors(modality, "").float()

    def shards(self, modality: Modality) -> list[Path]:
        """The files that hold a modality's items, in their order."""
        return [self._folder / name for name in self._items[modality].shards] if modality in self._items else []

    def item_of_row(self, modality: Modality) -> Tensor:
        """The number (N,) int64 of each row's item; -1 where it has none."""
        if modality not in self._items:
            return torch.full((len(self),), ABSENT)
        return torch.tensor(self._items[modality].item_of_row, dtype=torch.int64)

    def inputs(self, modality: Modality) -> Tensor:
        """Model inputs (N, *input_shape) float32; zeros where the row has none."""
        return self._rows_of(modality, self.items(modality))

    def quality(self, modality: Modality) -> Tensor:
        """Quality (N,) float32 in [0, 1], as the robot would judge it; 0 where the row has no input."""
        return self._rows_of(modality, self._tensors(modality, ".quality"))

    def faulty(self, modality: Modality) -> tuple[Tensor, Tensor]:
        """Inputs (F, *input_shape) float32 and qualities (F,) of what broken sensors sent; F may be 0."""
        return self._tensors(modality, ".faulty").float(), self._tensors(modality, ".faulty.quality")

    def groups(self, modality: Modality) -> list[str]:
        """The physical thing or recording (N) behind each row's input; "" where the row has none."""
        if modality not in self._items:
            return [""] * len(self)
        items = self._items[modality]
        return ["" if item == ABSENT else items.groups[item] for item in items.item_of_row]

    def recordings(self, modality: Modality) -> list[str]:
        """The path (N) of the recording behind each row's input; "" where the row has none or was simulated."""
        if modality not in self._items or not self._items[modality].recordings:
            return [""] * len(self)
        items = self._items[modality]
        return ["" if item == ABSENT else items.recordings[item] for item in items.item_of_row]

    def usable(self, modality: Modality, share: float = 1.0) -> Tensor:
        """Rows (int64) whose quality the robot would not refuse; share: of the groups of each label, the first ones."""
        good_N = self.quality(modality) >= SMALLEST_QUALITY
        if share < 1:
            good_N &= self._within_share(modality, share)
        return good_N.nonzero().squeeze(1)

    def captions_of_label(self) -> list[list[str]]:
        """All captions of each label, in the order of the labels."""
        grouped: list[list[str]] = [[] for _ in self.labels]
        for label, captions in zip(self.label_N.tolist(), self.captions, strict=True):
            grouped[label].extend(captions)
        return grouped

    def _within_share(self, modality: Modality, share: float) -> Tensor:
        groups, labels = self.groups(modality), self.label_N.tolist()
        # a dictionary keeps the order of first appearance: a larger share contains the smaller one
        distinct: list[dict[str, None]] = [{} for _ in self.labels]
        for label, group in zip(labels, groups, strict=True):
            if group:
                distinct[label][group] = None
        kept = [set(list(names)[: max(1, round(share * len(names)))]) for names in distinct]
        return torch.tensor([group in kept[label] for label, group in zip(labels, groups, strict=True)])

    def _rows_of(self, modality: Modality, values: Tensor) -> Tensor:
        item_N = self.item_of_row(modality)
        if torch.equal(item_N, torch.arange(len(values))):
            return values
        rows = values.new_zeros(len(self), *values.shape[1:])
        present_N = item_N != ABSENT
        rows[present_N] = values[item_N[present_N]]
        return rows

    def _tensors(self, modality: Modality, suffix: str) -> Tensor:
        """A modality's tensors of all its shards, one after the other; none is an empty tensor of the right shape."""
        parts = []
        shape = () if suffix.endswith("quality") else input_settings(modality).input_shape
        for shard in self.shards(modality):
            with safe_open(shard, framework="pt") as tensors:
                names = tensors.keys()
                if f"{modality}{suffix}" in names:
                    parts.append(tensors.get_tensor(f"{modality}{suffix}"))
                elif not suffix.endswith("quality"):
                    shape = tuple(tensors.get_slice(modality.value).get_shape()[1:])
        return torch.cat(parts) if parts else torch.zeros(0, *shape)
