"""The step `cache`: matched recordings through the robot's preprocessing, stored once however often rows use them.

A split's folder holds shards of at most 256 items of one modality and the index of its rows (sample_index.py). Shards
that are there already, made of the same files by the same code, are kept. What cannot be read is left out and listed in
`unreadable.csv`.
"""

import csv
import hashlib
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file

from omnibind_ros.errors import ConfigurationError, InputError, OmnibindError
from omnibind_ros.modality import Modality
from training.config import TrainingConfig
from training.data.corruption import corrupted
from training.data.entries import Entry, file_of
from training.data.inputs import InputSettings, input_settings
from training.data.leakage import check_no_leakage
from training.data.match import Row
from training.data.recording_inputs import liveliest, recording_input
from training.data.recordings import read_recording
from training.data.sample_index import ABSENT, Items, SampleIndex
from training.data.sample_set import SampleSet
from training.data.sensor_inputs import Input
from training.data.splits import SPLITS, TEST, TRAIN
from training.data.touch_references import estimate_references, reference_for
from training.data.workers import run_jobs

UNREADABLE_FILE = "unreadable.csv"
_REFERENCES = "references"
_SHARD_ITEMS = 256


@dataclass(frozen=True)
class _Shard:
    """A file of items; mark: changes with the files, the code and the settings they come from."""

    path: Path
    modality: Modality
    entries: list[Entry]
    references: Path
    mark: str

    def content(self) -> dict[str, list[dict[str, str]]]:
        """What became of its entries: `kept` and `unreadable`."""
        return dict(json.loads(self.path.with_suffix(".json").read_text()))


def cache(folder: Path, config: TrainingConfig, entries: Sequence[Entry], rows: Sequence[Row], code: str) -> None:
    """Fill `folder`/<split> for every split; code: hash of the sources that make inputs.

    Raises ConfigurationError when nothing of a split can be read, LeakageError when two share a group.
    """
    entry_of = {(entry.id, entry.modality): entry for entry in entries}
    of_split = {split: [row for row in rows if row.split == split] for split in SPLITS}
    wanted = {split: _wanted(of_split[split], entry_of, config) for split in SPLITS}
    references = folder / _REFERENCES
    estimate_references(references, wanted[TRAIN].get(Modality.TOUCH, []))
    shards = {split: _shards(folder / split, wanted[split], references, config, code) for split in SPLITS}
    every = [shard for split in SPLITS for shard in shards[split]]
    run_jobs(
        "cache", _write_shard, [(shard, config) for shard in every if not _is_current(shard)], config.cache.workers
    )
    _report_unreadable(folder, every)
    unseen = config.data.unseen
    # the unseen ones last: the numbers of the others are the same in every split
    trained = sorted({row.label for row in rows} - set(unseen))
    for split in SPLITS:
        labels = [*trained, *unseen] if split == TEST else trained
        index = _index(labels, of_split[split], shards[split], entry_of)
        if not index.label_of_row:
            raise ConfigurationError(
                f"there is no recording for the split `{split}`",
                remedy="give more groups, or name their splits in the index",
                source=config.data.source,
            )
        index.save(folder / split)
    check_no_leakage({split: SampleSet(folder / split) for split in SPLITS})


def _wanted(
    rows: Sequence[Row], entry_of: Mapping[tuple[str, Modality], Entry], config: TrainingConfig
) -> dict[Modality, list[Entry]]:
    """The entries that rows use, by modality, each once, in the order of the rows."""
    wanted: dict[Modality, dict[str, Entry]] = {modality: {} for modality in config.sensed}
    for row in rows:
        for modality, item in row.items.items():
            if modality in wanted:
                wanted[modality][item] = entry_of[item, modality]
    return {modality: list(items.values()) for modality, items in wanted.items() if items}


def _shards(
    folder: Path, wanted: Mapping[Modality, Sequence[Entry]], references: Path, config: TrainingConfig, code: str
) -> list[_Shard]:
    shards = []
    pictures = [path.read_bytes() for path in sorted(references.glob("*"))]
    for modality, entries in wanted.items():
        settings = input_settings(modality, config.data.inputs).model_dump(mode="json")
        for number, start in enumerate(range(0, len(entries), _SHARD_ITEMS)):
            part = list(entries[start : start + _SHARD_ITEMS])
            told = [[asdict(entry), file_of(entry.path).stat().st_mtime_ns] for entry in part]
            digest = hashlib.sha256(json.dumps([code, settings, config.cache.faulty_every, told]).encode())
            for picture in pictures if modality is Modality.TOUCH else ():
                digest.update(picture)
            path = folder / f"{modality}-{number:04d}.safetensors"
            shards.append(_Shard(path, modality, part, references, digest.hexdigest()))
    return shards


def _is_current(shard: _Shard) -> bool:
    index = shard.path.with_suffix(".json")
    return shard.path.exists() and index.exists() and json.loads(index.read_text())["mark"] == shard.mark


def _write_shard(shard: _Shard, config: TrainingConfig) -> None:
    """Read, prepare and store a shard's entries; its index is written last, so that one without it is not whole."""
    settings = input_settings(shard.modality, config.data.inputs)
    clean: list[Input] = []
    faulty: list[Input] = []
    kept, unreadable = [], []
    every = config.cache.faulty_every
    for number, entry in enumerate(shard.entries):
        try:
            reading = liveliest(shard.modality, read_recording(shard.modality, entry.path), settings)
            clean.append(_input(shard, entry, reading, settings))
        except OmnibindError as error:
            unreadable.append({"id": entry.id, "path": entry.path, "problem": error.problem})
            continue
        kept.append({"id": entry.id})
        if every and number % every == 0:
            broken = corrupted(shard.modality, reading, np.random.default_rng(zlib.crc32(entry.id.encode())))
            faulty.append(_faulty_input(shard, entry, broken, settings))
    shard.path.parent.mkdir(parents=True, exist_ok=True)
    index = shard.path.with_suffix(".json")
    index.unlink(missing_ok=True)
    save_file(
        _tensors(shard.modality, settings, "", clean) | _tensors(shard.modality, settings, ".faulty", faulty),
        shard.path,
    )
    index.write_text(json.dumps({"mark": shard.mark, "kept": kept, "unreadable": unreadable}))


def _input(shard: _Shard, entry: Entry, reading: object, settings: InputSettings) -> Input:
    """Raises InputError when the preprocessing refuses the reading."""
    resources = {}
    if isinstance(reading, np.ndarray) and shard.modality is Modality.TOUCH:
        resources["reference"] = reference_for(entry, reading, shard.references)
    made = recording_input(shard.modality, reading, settings, **resources)
    if made is None:
        raise InputError("the preprocessing refuses it", remedy="take it out of the index, or change `data.inputs`")
    return made


def _faulty_input(shard: _Shard, entry: Entry, broken: object, settings: InputSettings) -> Input:
    """What a broken sensor's reading becomes, nothing at quality 0 where it is refused."""
    try:
        return _input(shard, entry, broken, settings)
    except InputError:
        return np.zeros(settings.input_shape, np.float32), 0.0


def _tensors(
    modality: Modality, settings: InputSettings, suffix: str, inputs: Sequence[Input]
) -> dict[str, NDArray[np.generic]]:
    arrays = np.zeros((len(inputs), *settings.input_shape), np.float16)
    for number, (array, _) in enumerate(inputs):
        arrays[number] = array
    return {
        f"{modality}{suffix}": arrays,
        f"{modality}{suffix}.quality": np.array([quality for _, quality in inputs], np.float32),
    }


def _index(
    labels: list[str], rows: Sequence[Row], shards: Sequence[_Shard], entry_of: Mapping[tuple[str, Modality], Entry]
) -> SampleIndex:
    """The index of a split; rows of which nothing could be read are left out."""
    numbers: dict[Modality, dict[str, int]] = {}
    files: dict[Modality, list[str]] = {}
    for shard in shards:
        number_of = numbers.setdefault(shard.modality, {})
        files.setdefault(shard.modality, []).append(shard.path.name)
        for item in shard.content()["kept"]:
            number_of[item["id"]] = len(number_of)
    whole = [row for row in rows if any(item in numbers.get(modality, {}) for modality, item in row.items.items())]
    return SampleIndex(
        labels=labels,
        label_of_row=[labels.index(row.label) for row in whole],
        captions=[row.captions for row in whole],
        hints=[row.hint for row in whole],
        items={
            modality: Items(
                shards=files[modality],
                item_of_row=[number_of.get(row.items.get(modality, ""), ABSENT) for row in whole],
                groups=[entry_of[item, modality].group for item in number_of],
                recordings=[entry_of[item, modality].path for item in number_of],
            )
            for modality, number_of in numbers.items()
        },
    )


def _report_unreadable(folder: Path, shards: Sequence[_Shard]) -> None:
    unreadable = [item for shard in shards for item in shard.content()["unreadable"]]
    with (folder / UNREADABLE_FILE).open("w", newline="") as file:
        writer = csv.DictWriter(file, ("id", "path", "problem"))
        writer.writeheader()
        writer.writerows(unreadable)
    if unreadable:
        print(f"{len(unreadable)} recordings could not be used, see {folder / UNREADABLE_FILE}")
