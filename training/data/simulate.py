"""The step `simulate`: samples of every label, through the robot's own preprocessing, into shards on disk.

Seeds of instances: training and fusion share the simulation's training range, validation and test its held-out range;
no two splits overlap.
"""

import json
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.modality import Modality
from omnibind_ros.simulation.captions import hint
from omnibind_ros.simulation.objects import HELD_OUT_SEED, LABELS
from omnibind_ros.simulation.samples import draw_sample
from training.config import SimulateConfig, TrainingConfig
from training.data.corruption import corrupted
from training.data.inputs import input_settings
from training.data.leakage import check_no_leakage
from training.data.sample_index import index_of_shards, shard_path
from training.data.sample_set import SampleSet
from training.data.sensor_inputs import Input, readings_of, sample_inputs
from training.data.splits import SPLITS
from training.data.workers import run_jobs

_SPACING = HELD_OUT_SEED // 4

Array = NDArray[np.generic]


def simulate(folder: Path, config: TrainingConfig, code: str) -> None:
    """Fill `folder`/<split> with one shard a label; shards that are there already, made by the same code, are kept.

    code: hash of the simulation's and the preprocessing's sources. Raises LeakageError when two splits share an
    instance.
    """
    labels = labels_of_splits(config.data.unseen)
    jobs = [(split, label) for split in SPLITS for label in labels[split]]
    mark = f"{code} {config.seed}"
    missing = [
        (folder / split, label, seeds, mark, config)
        for split, label in jobs
        if not _is_current(shard_path(folder / split, label), seeds := split_seeds(split, config), mark)
    ]
    run_jobs("simulate", _write_shard, missing, config.simulate.workers)
    for split in SPLITS:
        index_of_shards(folder / split, labels[split], config.sensed).save(folder / split)
    check_no_leakage({split: SampleSet(folder / split) for split in SPLITS})


def labels_of_splits(unseen: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The labels of each split: those to be trained in all of them, the unseen ones after them in the test split.

    Raises ConfigurationError for an unseen label that the simulation does not have.
    """
    if unknown := sorted(set(unseen) - set(LABELS)):
        raise ConfigurationError(
            f"the simulation has no label {unknown[0]!r}",
            remedy=f"use some of {', '.join(LABELS)}",
            source="data.unseen",
        )
    trained = tuple(label for label in LABELS if label not in unseen)
    return {split: (*trained, *unseen) if split == "test" else trained for split in SPLITS}


def split_seeds(split: str, config: TrainingConfig) -> list[int]:
    """Instance seeds of a split, the same for every label."""
    counts = _counts(config.simulate)
    starts = {"train": 0, "fusion": 2 * _SPACING, "validation": HELD_OUT_SEED, "test": HELD_OUT_SEED + 2 * _SPACING}
    start = starts[split] + config.seed * max(counts.values())
    if start + counts[split] > starts[split] + 2 * _SPACING:
        raise ValueError(f"seed {config.seed} is too large: the instances of `{split}` would run into the next split")
    return list(range(start, start + counts[split]))


def _counts(simulate_config: SimulateConfig) -> dict[str, int]:
    return {
        "train": simulate_config.train_per_label,
        "fusion": simulate_config.fusion_per_label,
        "validation": simulate_config.validation_per_label,
        "test": simulate_config.test_per_label,
    }


def _is_current(path: Path, seeds: list[int], mark: str) -> bool:
    index = path.with_suffix(".json")
    if not (path.exists() and index.exists()):
        return False
    content = json.loads(index.read_text())
    return bool(content["mark"] == mark and content["seeds"] == seeds)


def _write_shard(folder: Path, label: str, seeds: list[int], mark: str, config: TrainingConfig) -> None:
    """Draw a label's samples; the index is written last, so that a shard without one is not taken for whole."""
    clean, faulty, captions, hints = [], [], [], []
    changes = config.data.inputs
    for number, seed in enumerate(seeds):
        sample = draw_sample(label, seed)
        readings = readings_of(sample)
        clean.append(sample_inputs(readings, changes, reference=sample.touch_reference))
        captions.append(list(sample.captions))
        hints.append(hint(sample.object))
        if number % config.simulate.faulty_every == 0:
            generator = np.random.default_rng([seed, zlib.crc32(label.encode())])
            broken = {modality: corrupted(modality, reading, generator) for modality, reading in readings.items()}
            faulty.append(sample_inputs(broken, changes, reference=sample.touch_reference))
    tensors = {**_tensors(clean, config, suffix=""), **_tensors(faulty, config, suffix=".faulty")}
    path = shard_path(folder, label)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.with_suffix(".json").unlink(missing_ok=True)
    save_file(tensors, path)
    index = {"mark": mark, "seeds": seeds, "captions": captions, "hints": hints}
    path.with_suffix(".json").write_text(json.dumps(index))


def _tensors(rows: list[dict[Modality, Input]], config: TrainingConfig, suffix: str) -> dict[str, Array]:
    """Stacked inputs and qualities by name; zeros of quality 0 where a sensor gave no input."""
    tensors: dict[str, Array] = {}
    for modality in config.sensed:
        nothing = (np.zeros(input_settings(modality, config.data.inputs).input_shape, np.float32), 0.0)
        pairs = [row.get(modality, nothing) for row in rows]
        tensors[f"{modality}{suffix}"] = np.stack([array for array, _ in pairs]).astype(np.float16)
        tensors[f"{modality}{suffix}.quality"] = np.array([quality for _, quality in pairs], np.float32)
    return tensors
