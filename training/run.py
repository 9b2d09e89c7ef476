"""One training run: its configuration, its folder, and what its steps have made so far.

Shape legend: K labels, k centres a label, D embedding size.
"""

from functools import cached_property
from pathlib import Path

import torch

from omnibind_ros.recognition.label_bank import LabelBank
from training.config import SIMULATION, TrainingConfig
from training.data.sample_set import SampleSet
from training.fusion.embedded import EmbeddedSet, load_embedded
from training.run_folder import RunFolder
from training.teachers.label_bank import all_descriptions, embed_descriptions
from training.teachers.teach import Teachers, load_teachers


class Run(RunFolder):
    """What every step is given; whatever it offers is read from disk when it is asked for."""

    def __init__(self, folder: Path, config: TrainingConfig, output: Path) -> None:
        """output: where the bundle goes."""
        super().__init__(folder, config)
        self.output = output

    @property
    def data_step(self) -> str:
        """The step whose samples everything else reads."""
        return "simulate" if self.config.data.source == SIMULATION else "cache"

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """The labels the run is about."""
        return self.split("train").labels

    def split(self, name: str) -> SampleSet:
        """The samples of a split."""
        return SampleSet(self.step(self.data_step) / name)

    def embedded(self, split: str) -> EmbeddedSet:
        """A split through the students, as the step `embed` stored it."""
        return load_embedded(self.step(f"embed/{split}"))

    @property
    def distilled_steps(self) -> tuple[str, ...]:
        """One piece of work of the step `distil` for every modality."""
        return tuple(f"distil/{modality}" for modality in self.config.modalities)

    @cached_property
    def teachers(self) -> Teachers:
        """What the step `teach` made."""
        return load_teachers(self.step("teach"))

    @property
    def bank(self) -> LabelBank:
        """The labels' centres, as the robot compares with them."""
        return LabelBank(self.labels, self.teachers.centre_KkD.numpy())

    @property
    def bank_with_unseen(self) -> LabelBank:
        """The same, and after them the labels that are known by their texts only."""
        unseen = self.config.data.unseen
        centre_UkD = embed_descriptions(all_descriptions(unseen, [()] * len(unseen)), self.teachers.projection)
        return LabelBank((*self.labels, *unseen), torch.cat([self.teachers.centre_KkD, centre_UkD]).numpy())
