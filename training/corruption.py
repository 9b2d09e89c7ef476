"""What broken sensors send: raw arrays with the faults that sensors have, before any preprocessing."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omnibind_ros.modality import Modality

Frame = NDArray[np.uint8] | NDArray[np.uint16]


def corrupted(arrays: dict[Modality, Any], generator: np.random.Generator) -> dict[Modality, Any]:
    """Every decoded array with a random fault of its kind of sensor."""
    change = {
        Modality.IMAGE: _broken_frame,
        Modality.THERMAL: _broken_frame,
        Modality.TOUCH: _broken_frame,
        Modality.EVENT: _broken_events,
        Modality.AUDIO: _broken_sound,
        Modality.POINT: _broken_cloud,
    }
    return {modality: change[modality](array, generator) for modality, array in arrays.items()}


def _broken_frame(frame: Frame, generator: np.random.Generator) -> Frame:
    """Covered, overexposed, snow, or torn into displaced blocks."""
    low, high = float(frame.min()), float(frame.max())
    kind = generator.integers(4)
    if kind == 0:
        noisy = low + generator.normal(0, 0.02 * (high - low) + 1, frame.shape)
    elif kind == 1:
        noisy = high - np.abs(generator.normal(0, 0.02 * (high - low) + 1, frame.shape))
    elif kind == 2:
        noisy = generator.uniform(low, high, frame.shape)
    else:
        rows = np.array_split(frame, 12)
        noisy = np.concatenate(
            [np.roll(rows[i], generator.integers(frame.shape[1]), axis=1) for i in generator.permutation(12)]
        )
    limit = np.iinfo(frame.dtype)
    broken: Frame = np.clip(noisy, limit.min, limit.max).astype(frame.dtype)
    return broken


def _broken_events(events: Any, generator: np.random.Generator) -> Any:
    """Hot pixels and noise in place of edges, or the events of the edges at displaced pixels."""
    x, y = events.x, events.y
    if generator.random() < 0.5:
        x = generator.integers(0, events.width, len(x)).astype(np.uint16)
        y = generator.integers(0, events.height, len(y)).astype(np.uint16)
    else:
        x = ((x.astype(np.int64) * 7 + generator.integers(events.width)) % events.width).astype(np.uint16)
    return replace(events, x=x, y=y)


def _broken_sound(chunk: Any, generator: np.random.Generator) -> Any:
    """Noise, clipping or hum."""
    samples = chunk.samples_NC
    kind = generator.integers(3)
    if kind == 0:
        changed = generator.normal(0, generator.uniform(0.02, 0.5), samples.shape)
    elif kind == 1:
        changed = np.sign(samples) * np.minimum(np.abs(samples) * 100, 1)
    else:
        time_s = np.arange(len(samples)) / chunk.rate_hz
        hum = np.sign(np.sin(2 * np.pi * generator.uniform(45, 400) * time_s)) * generator.uniform(0.05, 0.8)
        changed = samples + hum[:, None]
    return replace(chunk, samples_NC=np.clip(changed, -1, 1).astype(np.float32))


def _broken_cloud(cloud: Any, generator: np.random.Generator) -> Any:
    """Points displaced by decimetres: fog, a blinded or shaking sensor."""
    spread = generator.uniform(0.03, 0.3)
    displaced = cloud.xyz_N3 + generator.normal(0, spread, cloud.xyz_N3.shape)
    return replace(cloud, xyz_N3=displaced.astype(np.float32))
