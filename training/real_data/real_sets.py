"""The real recordings that are recognised: what they are, how they are split, and which name stands for each label."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from omnibind_ros.modality import Modality
from training.data.entries import Entry
from training.data.leakage import check_groups
from training.data.real_data import real_data_folder
from training.data.splits import TEST, TRAIN
from training.real_data.clip_names import ANYTHING

MANIFEST = "MANIFEST.json"
REFERENCE = "tactile/vt60/touch_baseline.jpg"
_VISION, _TOUCH = "tactile/vt60/vision", "tactile/vt60/touch"
_CLUSTERS = "lidar/kitti_objects"
_FRAMES_A_BLOCK = 150

_SOUNDS = {
    "chainsaw": "handsaw",
    "clock tick": "clock",
    "crackling fire": "fireplace",
    "crying baby": "pacifier",
    "dog": "dog",
    "helicopter": "helicopter",
    "rain": "umbrella",
    "rooster": "cock",
    "sea waves": "surfboard",
    "sneezing": "handkerchief",
}
_OBJECTS = {
    "ball": "ball",
    "bottleempty": "bottle",
    "bottlefull": "water_bottle",
    "bowl": "bowl",
    "box": "box",
    "can": "can",
    "mug": "mug",
    "shoe": "shoe",
    "softtoy": "teddy_bear",
    "stapler": "stapler_(stapling_machine)",
}
_FROM_THE_AIR = {
    "background": ANYTHING,
    "bicycle": "bicycle",
    "car": "car_(automobile)",
    "othervehicle": "truck",
    "person": "person",
}
_TRAFFIC = {"car": "car_(automobile)", "cyclist": "bicycle", "misc": ANYTHING, "pedestrian": "person"}


@dataclass(frozen=True)
class RealSet:
    """A set of labelled recordings. folder: below that of the data. split: what a test item never shares with training.

    name_of: the name of LVIS that stands for each label. features: key of `training.real_data.features.FEATURES`.
    """

    name: str
    modality: Modality
    folder: str
    split: str
    name_of: Mapping[str, str]
    features: str


REAL_SETS = (
    RealSet("ESC-10 sounds", Modality.AUDIO, "audio/esc10_16k", "clip and fold", _SOUNDS, "yamnet"),
    RealSet("VT-60 touch", Modality.TOUCH, _TOUCH, "object", _OBJECTS, "mobilenet of touch"),
    RealSet("VT-60 pictures", Modality.IMAGE, _VISION, "object", _OBJECTS, "mobilenet"),
    RealSet("HIT-UAV thermal crops", Modality.THERMAL, "thermal/hituav_crops", "flight and block of 150 frames",
            _FROM_THE_AIR, "mobilenet of thermal"),
    RealSet("KITTI clusters", Modality.POINT, _CLUSTERS, "as published", _TRAFFIC, "point student"),
    RealSet("KITTI clusters with size", Modality.POINT, _CLUSTERS, "as published", _TRAFFIC, "point student and size"),
)  # fmt: skip
TOUCH_SET, PICTURE_SET = REAL_SETS[1], REAL_SETS[2]


def entries_of(real: RealSet, folder: Path | None = None) -> list[Entry]:
    """Its recordings, each in the split `train` or `test`.

    Raises ConfigurationError when they are not there, and LeakageError when a group is in both splits.
    """
    root = real_data_folder(f"{real.name} are", [MANIFEST, real.folder], folder)
    listed = json.loads((root / MANIFEST).read_text(encoding="utf-8"))["entries"]
    own = [entry for entry in listed if entry["file"].startswith(f"{real.folder}/") and entry.get("split")]
    read = _READERS[real.folder]
    entries = list(read(own, root, real.modality))
    if real.modality is Modality.THERMAL:
        entries = _without_shared_blocks(entries)
    check_groups((entry.split, entry.modality, entry.group) for entry in entries)
    return entries


def _files(group_of: Callable[[Path, Mapping[str, Any]], str]) -> Callable[..., Iterator[Entry]]:
    def read(listed: Sequence[Mapping[str, Any]], root: Path, modality: Modality) -> Iterator[Entry]:
        for described in listed:
            path = Path(described["file"])
            yield Entry(
                id=described["file"],
                modality=modality,
                path=str(root / path),
                label=path.parent.name.replace("_", " "),
                split=TEST if described["split"] == TEST else TRAIN,
                group=group_of(path, described),
            )

    return read


def _clip(path: Path, _: Mapping[str, Any]) -> str:
    """`1-116765-A.wav`: fold, recording, and the part of it."""
    return path.stem.rpartition("-")[0]


def _object(path: Path, _: Mapping[str, Any]) -> str:
    """The number of the object begins the name, of touches and pictures alike."""
    return f"{path.parent.name} {path.name[:2]}"


def _block(path: Path, _: Mapping[str, Any]) -> str:
    """`00_1_60_90_0_07556.png`: number of the crop, flight, frame."""
    found = re.fullmatch(r"\d+_(.+)_(\d+)", path.stem)
    return f"{found[1]} {int(found[2]) // _FRAMES_A_BLOCK}" if found else path.stem


def _without_shared_blocks(entries: Sequence[Entry]) -> list[Entry]:
    """Crops without an object were split without regard to frames: what shares a block with the test is left out."""
    tested = {entry.group for entry in entries if entry.split == TEST}
    return [entry for entry in entries if entry.split == TEST or entry.group not in tested]


def _clusters(listed: Sequence[Mapping[str, Any]], root: Path, modality: Modality) -> Iterator[Entry]:
    for described in listed:
        with np.load(root / described["file"]) as stored:
            labels = stored["names"][stored["label"]].tolist()
        for number, label in enumerate(labels):
            path = f"{root / described['file']}#{number}"
            split = TEST if described["split"] == TEST else TRAIN
            yield Entry(id=path, modality=modality, path=path, label=label, split=split, group=path)


_READERS: dict[str, Callable[..., Iterator[Entry]]] = {
    "audio/esc10_16k": _files(_clip),
    _TOUCH: _files(_object),
    _VISION: _files(_object),
    "thermal/hituav_crops": _files(_block),
    _CLUSTERS: _clusters,
}
