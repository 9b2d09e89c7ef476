"""Simulated samples as they lie on disk: one shard a split and label, model inputs of every modality and an index.

A shard is `<split>/<label>.safetensors` with `<modality>` (n, *input_shape) float16, `<modality>.quality` (n,) float32,
`<modality>.faulty` (f, *input_shape) and `<modality>.faulty.quality` (f,), beside `<split>/<label>.json` with the
instances' seeds, the samples' captions, and what a person might say of them without naming them (`hints`).
Shape legend: N samples of all shards of a split, F faulty ones.
"""

import json
from collections.abc import Sequence
from pathlib import Path

import torch
from safetensors import safe_open
from torch import Tensor

from omnibind_ros.fusion.live_set import SMALLEST_QUALITY
from omnibind_ros.modality import Modality


class LeakageError(ValueError):
    """An object instance that is in two splits."""


class SampleSet:
    """All samples of one split, labels in the order given, tensors read when asked for."""

    def __init__(self, folder: Path, labels: Sequence[str]) -> None:
        """Raises FileNotFoundError when a label's shard is missing."""
        self._shards = [shard_path(folder, label) for label in labels]
        indices = [json.loads(shard.with_suffix(".json").read_text()) for shard in self._shards]
        self.labels = tuple(labels)
        self.captions: list[list[str]] = [captions for index in indices for captions in index["captions"]]
        self.hints: list[str] = [hint for index in indices for hint in index["hints"]]
        self.seeds: list[int] = [seed for index in indices for seed in index["seeds"]]
        counts = torch.tensor([len(index["captions"]) for index in indices])
        self.label_N: Tensor = torch.arange(len(labels)).repeat_interleave(counts)

    def __len__(self) -> int:
        return len(self.captions)

    def inputs(self, modality: Modality) -> Tensor:
        """Model inputs (N, *input_shape) float32; zeros where the sensor gave none."""
        return self._tensors(modality.value).float()

    def quality(self, modality: Modality) -> Tensor:
        """Quality (N,) float32 in [0, 1], as the robot would judge it."""
        return self._tensors(f"{modality}.quality")

    def faulty(self, modality: Modality) -> tuple[Tensor, Tensor]:
        """Inputs (F, *input_shape) float32 and qualities (F,) of what broken sensors sent."""
        return self._tensors(f"{modality}.faulty").float(), self._tensors(f"{modality}.faulty.quality")

    def usable(self, modality: Modality, share: float = 1.0) -> Tensor:
        """Rows (int64) whose quality the robot would not refuse; share: of the instances of each label, in order."""
        seed_N = torch.tensor(self.seeds)
        within_N = torch.zeros(len(self), dtype=torch.bool)
        for label in range(len(self.labels)):
            own = (self.label_N == label).nonzero().squeeze(1)
            distinct = sorted(set(seed_N[own].tolist()))
            kept = torch.tensor(distinct[: max(1, round(share * len(distinct)))])
            within_N[own] = torch.isin(seed_N[own], kept)
        return ((self.quality(modality) >= SMALLEST_QUALITY) & within_N).nonzero().squeeze(1)

    def captions_of_label(self) -> list[list[str]]:
        """All captions of each label, in the order of the labels."""
        grouped: list[list[str]] = [[] for _ in self.labels]
        for label, captions in zip(self.label_N.tolist(), self.captions, strict=True):
            grouped[label].extend(captions)
        return grouped

    def instances(self) -> set[tuple[str, int]]:
        """Which objects are in it: (label, seed)."""
        return {(self.labels[label], seed) for label, seed in zip(self.label_N.tolist(), self.seeds, strict=True)}

    def _tensors(self, name: str) -> Tensor:
        parts = []
        for shard in self._shards:
            with safe_open(shard, framework="pt") as tensors:
                parts.append(tensors.get_tensor(name))
        return torch.cat(parts)


def shard_path(folder: Path, label: str) -> Path:
    """Where a label's shard lies in a split's folder."""
    return folder / f"{label.replace(' ', '_')}.safetensors"


def check_no_leakage(splits: dict[str, SampleSet]) -> None:
    """Raise LeakageError when an object instance is in two splits: the numbers measured on them would be worthless."""
    seen: dict[tuple[str, int], str] = {}
    for name, samples in splits.items():
        for instance in sorted(samples.instances()):
            if instance in seen:
                raise LeakageError(f"{instance[0]} {instance[1]} is in `{seen[instance]}` and in `{name}`")
            seen[instance] = name
