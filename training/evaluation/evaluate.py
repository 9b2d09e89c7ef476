"""The step `evaluate`: what students, fusion heads and scores are worth on objects that no step has met."""

import json
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch

from omnibind_ros.recognition.label_bank import LabelBank
from training.config import TrainingConfig
from training.evaluation.calibrate import FittedCalibration
from training.evaluation.combinations import (
    Replaced,
    accuracy,
    averages,
    combination_name,
    every_combination,
    sensors_only,
)
from training.evaluation.confidence import confidence
from training.evaluation.independent import IndependentOpinions
from training.evaluation.pictures import draw_pictures
from training.evaluation.report import to_markdown
from training.evaluation.retrieval import retrieval
from training.evaluation.robustness import replacements, robustness
from training.evaluation.zero_shot import zero_shot
from training.fusion.embedded import EmbeddedSet, of_labels
from training.fusion.fuse import single_thread
from training.fusion.heads.head import FusionHead
from training.fusion.heads.mean import MeanFusion

RESULTS_FILE = "results.json"


@dataclass(frozen=True)
class TrainedHead:
    """A fusion head with the calibration of its scores."""

    head: FusionHead
    calibration: FittedCalibration


def evaluate(
    folder: Path,
    config: TrainingConfig,
    *,
    fusion: EmbeddedSet,
    validation: EmbeddedSet,
    test: EmbeddedSet,
    heads: Mapping[str, TrainedHead],
    bank: LabelBank,
    bank_with_unseen: LabelBank | None = None,
) -> dict[str, Any]:
    """Measure everything, write `results.json`, `results.md` and pictures, and return the results.

    fusion: what the heads were trained on. test: of the bank's labels, and after them of those on which nothing was
    trained. bank_with_unseen: the centres of all these labels; with it zero-shot recognition is measured too.
    """
    known = of_labels(test, len(bank.names))
    with single_thread():
        results = measure(config, fusion=fusion, validation=validation, test=known, heads=heads, bank=bank)
        if bank_with_unseen is not None:
            unseen = bank_with_unseen.names[len(bank.names) :]
            of_head = {name: trained.head for name, trained in heads.items()}
            results["zero_shot"] = {"labels": len(unseen), "heads": zero_shot(test, of_head, bank_with_unseen, unseen)}
    (folder / RESULTS_FILE).write_text(json.dumps(results, indent=2))
    (folder / "results.md").write_text(to_markdown(results))
    draw_pictures(folder, results, known, {name: trained.head for name, trained in heads.items()}, bank)
    return results


def measure(
    config: TrainingConfig,
    *,
    fusion: EmbeddedSet,
    validation: EmbeddedSet,
    test: EmbeddedSet,
    heads: Mapping[str, TrainedHead],
    bank: LabelBank,
) -> dict[str, Any]:
    """The results as a tree of numbers: see `evaluate`, and the functions it calls for what each part means."""
    alone = MeanFusion()
    replaced = replacements(test, config.seed)

    def of_head(trained: TrainedHead) -> dict[str, Any]:
        return measure_head(config, trained, validation=validation, test=test, bank=bank, replaced=replaced)

    # a head at a time on each core: a single head's matrices are too small to be shared among them
    with ThreadPoolExecutor(os.cpu_count(), initializer=torch.set_num_threads, initargs=(1,)) as pool:
        by_head = dict(zip(heads, pool.map(of_head, heads.values()), strict=True))
    return {
        "labels": len(bank.names),
        "samples": len(test),
        "single": {
            combination_name(test, members): accuracy(test, alone, bank, members)
            for members in every_combination(test)
            if len(members) == 1
        },
        "heads": by_head,
        "independent": {"robustness": _independent(fusion, validation, test, len(bank.names), replaced)},
        "retrieval": retrieval(test),
    }


def measure_head(
    config: TrainingConfig,
    trained: TrainedHead,
    *,
    validation: EmbeddedSet,
    test: EmbeddedSet,
    bank: LabelBank,
    replaced: Mapping[str, Mapping[int, Replaced]],
) -> dict[str, Any]:
    """The results of one head; replaced: what stands in a modality's place, see `replacements`."""
    clean = {members: accuracy(test, trained.head, bank, members) for members in every_combination(test)}
    return {
        "by_number": averages(clean),
        "by_number_without_text": averages(sensors_only(test, clean)),
        "combinations": {combination_name(test, members): value for members, value in clean.items()},
        "robustness": robustness(test, partial(accuracy, test, trained.head, bank), clean, replaced),
        "confidence": confidence(
            validation, test, trained.head, bank, trained.calibration, settings=config.calibrate, seed=config.seed
        ),
    }


def _independent(
    fusion: EmbeddedSet,
    validation: EmbeddedSet,
    test: EmbeddedSet,
    labels: int,
    replaced: Mapping[str, Mapping[int, Replaced]],
) -> dict[str, dict[str, Any]]:
    opinions = IndependentOpinions(fusion, validation, labels)
    clean = {members: opinions.accuracy(test, members) for members in every_combination(test)}
    return robustness(test, partial(opinions.accuracy, test), clean, replaced)
