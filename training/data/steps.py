"""The steps that make the samples: `simulate`, or from recordings `index`, `match` and `cache`."""

import hashlib
import json
from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import omnibind_ros
from training.config import SIMULATION
from training.data.cache import cache
from training.data.entries import load_entries, save_entries
from training.data.extract import INDEX_FILE, extract
from training.data.match import load_rows, match, save_rows
from training.data.simulate import simulate
from training.data.sources import read_source
from training.data.splits import draw_splits, kept_for_testing
from training.run import Run
from training.run_folder import settings_of, source_hash
from training.step import Step, Tool
from training.teachers.text_tower import encode_sentences

_PACKAGE = Path(omnibind_ros.__file__).parent
_HERE = Path(__file__).parent
_ENTRIES_FILE = "index.parquet"
_MATCH_FILE = "match.parquet"
_MAKERS = ("corruption.py", "inputs.py", "sensor_inputs.py")
_RECORDING_MAKERS = ("recordings.py", "recording_inputs.py", "radiometric.py", "touch_references.py", "cache.py")


def _simulate(run: Run, options: Namespace) -> None:
    if run.config.data.source != SIMULATION:
        return
    code = source_hash([_PACKAGE / "simulation", _PACKAGE / "preprocessing", *(_HERE / name for name in _MAKERS)])
    settings = [settings_of(run.config.simulate), settings_of(run.config.data), code]
    run.perform("simulate", lambda folder: simulate(folder, run.config, code), settings, (), force=options.force)


def _index(run: Run, options: Namespace) -> None:
    if run.config.data.source == SIMULATION:
        return
    entries = kept_for_testing(read_source(run.config.data.source), run.config.data.unseen)
    content = json.dumps([asdict(entry) for entry in entries])
    settings = [settings_of(run.config.data)["shares"], hashlib.sha256(content.encode()).hexdigest()]

    def write(folder: Path) -> None:
        drawn = draw_splits(entries, run.config.data.shares, run.config.seed)
        save_entries(drawn, folder / _ENTRIES_FILE)
        print(f"{len(drawn)} recordings of {len({entry.label for entry in drawn})} labels")

    run.perform("index", write, settings, (), force=options.force)


def _match(run: Run, options: Namespace) -> None:
    if run.config.data.source == SIMULATION:
        return

    def write(folder: Path) -> None:
        rows = match(load_entries(run.step("index") / _ENTRIES_FILE), run.config.match, run.config.seed, _meanings)
        save_rows(rows, folder / _MATCH_FILE)
        print(f"{len(rows)} combinations")

    run.perform("match", write, settings_of(run.config.match), ("index",), force=options.force)


def _cache(run: Run, options: Namespace) -> None:
    if run.config.data.source == SIMULATION:
        return
    code = source_hash(
        [
            _PACKAGE / "preprocessing",
            _PACKAGE / "messages",
            *(_HERE / name for name in (*_MAKERS, *_RECORDING_MAKERS)),
        ]
    )
    modalities = [modality.value for modality in run.config.sensed]
    settings = [settings_of(run.config.data)["inputs"], run.config.cache.faulty_every, modalities, code]

    def write(folder: Path) -> None:
        entries = load_entries(run.step("index") / _ENTRIES_FILE)
        cache(folder, run.config, entries, load_rows(run.step("match") / _MATCH_FILE), code)

    run.perform("cache", write, settings, ("match",), force=options.force)


def _meanings(sentences: Sequence[str]) -> NDArray[np.float32]:
    return np.asarray(encode_sentences(sentences).numpy(), np.float32)


def _extract_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("bag", type=Path, help="rosbag2 folder, or one of its .mcap or .db3 files")
    parser.add_argument("spans", type=Path, help="CSV or YAML: start, end, label[, caption, group, split]")
    parser.add_argument("output", type=Path, help=f"folder for recordings and {INDEX_FILE}; more bags can be added")
    parser.add_argument("--window", type=float, default=1.0, metavar="SECONDS", help="length of a window (%(default)s)")
    parser.add_argument("--config", type=Path, help="parameter file of the perception node that names the sources")
    parser.add_argument("--namespace", default="", help="namespace of the perception node, for relative topics")


def _extract(options: Namespace) -> None:
    extracted = extract(
        options.bag,
        options.spans,
        options.output,
        window_s=options.window,
        config=options.config,
        namespace=options.namespace,
    )
    counts = Counter(entry.modality.value for entry in extracted.entries)
    print(", ".join(f"{number} {modality}" for modality, number in counts.items()) or "no span holds a message")
    for topic, number in extracted.undecodable.items():
        print(f"{topic}: {number} messages could not be decoded: {extracted.problems.get(topic, 'damaged')}")
    print(f"index: {options.output / INDEX_FILE}")


STEPS = (
    Tool("extract", "cut labelled windows out of a rosbag2 recording, for `index`", _extract, _extract_arguments),
    Step("simulate", "draw samples of every label from the simulation, through the robot's preprocessing", _simulate),
    Step("index", "list the recordings of `data.source`, checked, each with its split", _index),
    Step(
        "match",
        "combine recordings of different sensors into rows, by sample, label or description",
        _match,
        ("index",),
    ),
    Step("cache", "take matched recordings through the robot's preprocessing", _cache, ("match",)),
)
