"""What broken sensors send: decoded readings with the faults sensors have, before any preprocessing.

Blocked and garbage, and milder faults that leave a part of the truth: drowned in noise, torn, displaced, humming,
clipping.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omnibind_ros.messages.audio import AudioChunk
from omnibind_ros.messages.event_array import Events
from omnibind_ros.messages.points import PointCloud
from omnibind_ros.modality import Modality

_BANDS = 12
_GARBAGE_EVENTS = 4000
_COVERED_GEL = 20
_NAN_SHARE = 0.3
_GARBAGE_METRES = 5.0


def corrupted(modality: Modality, reading: Any, generator: np.random.Generator) -> Any:
    """The same reading as a sensor with a random fault would have sent it; of the same type, the original is kept.

    reading: what decoding the sensor's messages gives.
    """
    return _FAULTS[modality](reading, generator)


def _picture(frame: NDArray[Any], generator: np.random.Generator) -> NDArray[Any]:
    return _frame(frame, generator, blocked=0)


def _thermal(frame: NDArray[Any], generator: np.random.Generator) -> NDArray[Any]:
    hottest = np.iinfo(frame.dtype).max if frame.dtype.kind == "u" else frame.max()
    return _frame(frame, generator, blocked=hottest)


def _touch(frame: NDArray[Any], generator: np.random.Generator) -> NDArray[Any]:
    return _frame(frame, generator, blocked=_COVERED_GEL)


def _frame(frame: NDArray[Any], generator: np.random.Generator, *, blocked: float) -> NDArray[Any]:
    fault = generator.integers(4)
    low, high = float(frame.min()), float(frame.max())
    if fault == 0:
        return np.full_like(frame, blocked)
    if fault == 1:
        if frame.dtype.kind == "u":
            most = np.iinfo(frame.dtype).max
            return np.asarray(generator.integers(0, most, frame.shape, frame.dtype.type, endpoint=True))
        return np.asarray(generator.uniform(low, high, frame.shape).astype(frame.dtype))
    if fault == 2:
        noise = generator.uniform(low, high, frame.shape)
        return np.asarray((frame + (noise - frame) * generator.uniform(0.6, 0.95)).astype(frame.dtype))
    bands = np.array_split(frame, _BANDS)
    return np.concatenate(
        [np.roll(bands[i], generator.integers(frame.shape[1]), axis=1) for i in generator.permutation(_BANDS)]
    )


def _events(events: Events, generator: np.random.Generator) -> Events:
    if generator.random() < 0.5:
        start, end = (int(events.t_us[0]), int(events.t_us[-1])) if len(events) else (0, 0)
        return Events(
            generator.integers(0, events.width, _GARBAGE_EVENTS).astype(np.uint16),
            generator.integers(0, events.height, _GARBAGE_EVENTS).astype(np.uint16),
            np.sort(generator.integers(start, end + 1, _GARBAGE_EVENTS)),
            generator.random(_GARBAGE_EVENTS) < 0.5,
            events.width,
            events.height,
        )
    displaced = (events.x.astype(np.int64) * 7 + generator.integers(1, events.width)) % events.width
    return replace(events, x=displaced.astype(np.uint16))


def _sound(chunk: AudioChunk, generator: np.random.Generator) -> AudioChunk:
    samples_NC = chunk.samples_NC
    fault = generator.integers(4)
    if fault == 0:
        broken: NDArray[Any] = np.zeros_like(samples_NC)
    elif fault == 1:
        broken = generator.uniform(-1.0, 1.0, samples_NC.shape) * generator.uniform(0.03, 1.0)
    elif fault == 2:
        broken = np.clip(samples_NC * 100, -1, 1)
    else:
        phase_N1 = 2 * np.pi * generator.uniform(45, 400) * np.arange(len(samples_NC))[:, None] / chunk.rate_hz
        broken = np.clip(samples_NC + generator.uniform(0.05, 0.8) * np.sign(np.sin(phase_N1)), -1, 1)
    return replace(chunk, samples_NC=broken.astype(np.float32))


def _cloud(cloud: PointCloud, generator: np.random.Generator) -> PointCloud:
    xyz_N3 = cloud.xyz_N3
    if generator.random() < 0.4:
        garbage = generator.uniform(-_GARBAGE_METRES, _GARBAGE_METRES, xyz_N3.shape)
        garbage[generator.random(len(garbage)) < _NAN_SHARE] = np.nan
        return replace(cloud, xyz_N3=garbage.astype(np.float32))
    noise = generator.normal(0, generator.uniform(0.03, 0.3), xyz_N3.shape)
    return replace(cloud, xyz_N3=(xyz_N3 + noise).astype(np.float32))


_FAULTS: dict[Modality, Callable[[Any, np.random.Generator], Any]] = {
    Modality.IMAGE: _picture,
    Modality.THERMAL: _thermal,
    Modality.TOUCH: _touch,
    Modality.EVENT: _events,
    Modality.AUDIO: _sound,
    Modality.POINT: _cloud,
}
