"""Frozen features of real recordings: what the projectors and the nearest neighbours are given.

Shape legend: N recordings, F features, W windows.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.inference.bundle import load_bundle
from omnibind_ros.messages.points import PointCloud
from omnibind_ros.modality import Modality
from omnibind_ros.pipeline.resources import bundle_folder
from omnibind_ros.preprocessing.audio import AudioSettings, mono, prepare_audio
from omnibind_ros.preprocessing.image import ImageSettings, prepare_image
from omnibind_ros.preprocessing.point import PointSettings
from training.data.entries import Entry, file_of, item_of
from training.data.real_data import real_data_folder
from training.data.recordings import read_picture, read_recording
from training.data.sensor_inputs import model_input
from training.projection.encode import encoder_backend, run_network
from training.real_data.real_sets import REFERENCE
from training.teachers.pretrained.backbone import known_backbone

_BUNDLE = "omnibind-sim"
_GREY = 128


@lru_cache(maxsize=8)
def features_of(kind: str, entries: tuple[Entry, ...], folder: Path | None = None) -> NDArray[np.float32]:
    """Features (N, F) by their kind, a key of `FEATURES`. Raises ConfigurationError when a network is missing."""
    return FEATURES[kind](entries, folder)


def _sounds(entries: Sequence[Entry], folder: Path | None) -> NDArray[np.float32]:
    """YAMNet's embedding, the mean over windows of 0.975 s that overlap by half."""
    backbone = known_backbone("yamnet", folder)
    settings = backbone.settings
    assert isinstance(settings, AudioSettings)  # noqa: S101 the catalogue says so
    length = round(settings.window_s * settings.rate_hz)
    rows = []
    for entry in entries:
        signal_N = mono(read_recording(Modality.AUDIO, entry.path), settings.rate_hz)
        starts = range(0, max(len(signal_N) - length, 0) + 1, length // 2)
        windows = np.stack([prepare_audio(signal_N[start : start + length], settings) for start in starts])
        rows.append(backbone(windows).mean(axis=0))
    return np.stack(rows)


def _pictures(entries: Sequence[Entry], folder: Path | None) -> NDArray[np.float32]:
    """MobileNetV2's last features before its classes."""
    return _mobilenet([read_picture(file_of(entry.path)) for entry in entries], folder)


def _touches(entries: Sequence[Entry], folder: Path | None) -> NDArray[np.float32]:
    """The same, of what differs from the untouched sensor, on grey: as the robot's touch preprocessing takes it."""
    untouched = read_picture(real_data_folder("touches are", [REFERENCE], folder) / REFERENCE).astype(np.int16)
    frames = [read_picture(file_of(entry.path)) - untouched + _GREY for entry in entries]
    return _mobilenet([np.clip(frame, 0, 255).astype(np.uint8) for frame in frames], folder)


def _thermals(entries: Sequence[Entry], folder: Path | None) -> NDArray[np.float32]:
    """The same, of 8-bit grey in all three channels."""
    frames = [read_recording(Modality.THERMAL, entry.path) for entry in entries]
    return _mobilenet([np.repeat(frame[:, :, None], 3, axis=2) for frame in frames], folder)


def _mobilenet(pictures: Sequence[NDArray[np.uint8]], folder: Path | None) -> NDArray[np.float32]:
    backbone = known_backbone("mobilenet-v2", folder)
    settings = backbone.settings
    assert isinstance(settings, ImageSettings)  # noqa: S101 the catalogue says so
    return np.concatenate([backbone(prepare_image(picture, settings)[None]) for picture in pictures])


def _clusters(entries: Sequence[Entry], _: Path | None) -> NDArray[np.float32]:
    """Our own point student of `omnibind-sim`, which has seen simulated objects alone; every cluster at one size."""
    bundle = load_bundle(bundle_folder(_BUNDLE))
    described = bundle.description.encoders[Modality.POINT]
    settings = PointSettings.model_validate({**described.preprocessing, "segmentation": None})
    inputs = []
    for points_P3 in _points(entries):
        made = model_input(Modality.POINT, PointCloud(points_P3 - points_P3.mean(axis=0)), settings)  # type: ignore[arg-type]
        if made is None:
            raise ConfigurationError("a cluster is empty", remedy="copy the files again")
        inputs.append(made[0])
    backend = encoder_backend(bundle, Modality.POINT, threads=1)
    try:
        return run_network(backend, np.stack(inputs))
    finally:
        backend.close()


def _clusters_with_size(entries: Sequence[Entry], folder: Path | None) -> NDArray[np.float32]:
    """The same, and length, width and height in metres."""
    sizes = [points_P3.max(axis=0) - points_P3.min(axis=0) for points_P3 in _points(entries)]
    return np.concatenate([_clusters(entries, folder), np.stack(sizes).astype(np.float32)], axis=1)


def _points(entries: Sequence[Entry]) -> list[NDArray[np.float32]]:
    stored = {}
    for file in {file_of(entry.path) for entry in entries}:
        with np.load(file) as content:
            stored[file] = content["points"]
    return [stored[file_of(entry.path)][item_of(entry.path)] for entry in entries]


FEATURES: dict[str, Callable[[Sequence[Entry], Path | None], NDArray[np.float32]]] = {
    "yamnet": _sounds,
    "mobilenet": _pictures,
    "mobilenet of touch": _touches,
    "mobilenet of thermal": _thermals,
    "point student": _clusters,
    "point student and size": _clusters_with_size,
}
