"""The step `simulate`: samples of every label, through the robot's own preprocessing, into shards on disk.

Seeds of instances: training and fusion share the simulation's training range, validation and test its held-out range;
no two splits overlap.
"""

import json
import multiprocessing
import os
import zlib
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from rich.progress import Progress
from safetensors.numpy import save_file

from omnibind_ros.modality import Modality
from omnibind_ros.simulation.captions import hint
from omnibind_ros.simulation.objects import HELD_OUT_SEED, LABELS
from omnibind_ros.simulation.samples import draw_sample
from training.config import SimulateConfig, TrainingConfig
from training.data.corruption import corrupted
from training.data.inputs import input_settings
from training.data.sample_set import SampleSet, check_no_leakage, shard_path
from training.data.sensor_inputs import Input, model_inputs

SPLITS = ("train", "fusion", "validation", "test")
_SPACING = HELD_OUT_SEED // 4

Array = NDArray[np.generic]


def simulate(folder: Path, config: TrainingConfig, code: str) -> None:
    """Fill `folder`/<split> with one shard a label; shards that are there already, made by the same code, are kept.

    code: hash of the simulation's and the preprocessing's sources. Raises LeakageError when two splits share an
    instance.
    """
    jobs = [(split, label) for split in SPLITS for label in LABELS]
    mark = f"{code} {config.seed}"
    missing = [
        (folder / split, label, seeds, mark, config)
        for split, label in jobs
        if not _is_current(shard_path(folder / split, label), seeds := split_seeds(split, config), mark)
    ]
    if missing:
        _write_all(missing, config.simulate.workers)
    check_no_leakage({split: SampleSet(folder / split, LABELS) for split in SPLITS})


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


def _write_all(jobs: list[tuple[Any, ...]], workers: int) -> None:
    # Fresh processes of one thread each: libraries that split small arrays among threads slow each other down.
    alone = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")
    before = {name: os.environ.get(name) for name in alone}
    os.environ.update(alone)
    try:
        with (
            Progress() as progress,
            ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), initializer=_work_alone) as pool,
        ):
            task = progress.add_task("simulate", total=len(jobs))
            for future in as_completed([pool.submit(_write_shard, *job) for job in jobs]):
                future.result()
                progress.advance(task)
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _write_shard(folder: Path, label: str, seeds: list[int], mark: str, config: TrainingConfig) -> None:
    """Draw a label's samples; the index is written last, so that a shard without one is not taken for whole."""
    clean, faulty, captions, hints = [], [], [], []
    for number, seed in enumerate(seeds):
        sample = draw_sample(label, seed)
        clean.append(model_inputs(sample))
        captions.append(list(sample.captions))
        hints.append(hint(sample.object))
        if number % config.simulate.faulty_every == 0:
            faulty.append(model_inputs(corrupted(sample, np.random.default_rng([seed, zlib.crc32(label.encode())]))))
    tensors = {**_tensors(clean, config.sensed, suffix=""), **_tensors(faulty, config.sensed, suffix=".faulty")}
    path = shard_path(folder, label)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.with_suffix(".json").unlink(missing_ok=True)
    save_file(tensors, path)
    index = {"mark": mark, "seeds": seeds, "captions": captions, "hints": hints}
    path.with_suffix(".json").write_text(json.dumps(index))


def _tensors(rows: list[dict[Modality, Input]], modalities: tuple[Modality, ...], suffix: str) -> dict[str, Array]:
    """Stacked inputs and qualities by name; zeros of quality 0 where a sensor gave no input."""
    tensors: dict[str, Array] = {}
    for modality in modalities:
        nothing = (np.zeros(input_settings(modality).input_shape, np.float32), 0.0)
        pairs = [row.get(modality, nothing) for row in rows]
        tensors[f"{modality}{suffix}"] = np.stack([array for array, _ in pairs]).astype(np.float16)
        tensors[f"{modality}{suffix}.quality"] = np.array([quality for _, quality in pairs], np.float32)
    return tensors


def _work_alone() -> None:
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    os.nice(5)
