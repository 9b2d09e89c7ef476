"""What broken sensors send: raw readings with the faults sensors have, before any preprocessing.

The simulation's own faults (blocked, garbage) and milder ones that leave a part of the truth: drowned in noise, torn,
displaced, humming, clipping.
"""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omnibind_ros.simulation.faults import blind, corrupt
from omnibind_ros.simulation.samples import SimulatedSample

Frame = NDArray[np.unsignedinteger[Any]]
_BANDS = 12


def corrupted(sample: SimulatedSample, generator: np.random.Generator) -> SimulatedSample:
    """The same sample as sensors would have sent it of which each has a random fault."""
    return replace(
        sample,
        rgb=_frame("camera", sample.rgb, generator),
        thermal=_frame("thermal", sample.thermal, generator),
        touch=_frame("touch", sample.touch, generator),
        events=_events(sample, generator),
        sound=_sound(sample.sound, sample.sound_rate_hz, generator),
        scan=_cloud(sample.scan, generator),
    )


def _frame(sensor: Any, frame: Frame, generator: np.random.Generator) -> Any:
    fault = generator.integers(4)
    if fault == 0:
        return blind(sensor, frame)
    if fault == 1:
        return corrupt(sensor, frame, generator)
    if fault == 2:
        low, high = float(frame.min()), float(frame.max())
        noise = generator.uniform(low, high, frame.shape)
        return (frame + (noise - frame) * generator.uniform(0.6, 0.95)).astype(frame.dtype)
    bands = np.array_split(frame, _BANDS)
    return np.concatenate(
        [np.roll(bands[i], generator.integers(frame.shape[1]), axis=1) for i in generator.permutation(_BANDS)]
    )


def _events(sample: SimulatedSample, generator: np.random.Generator) -> Any:
    if generator.random() < 0.5:
        return corrupt("event", sample.events, generator)
    shift = generator.integers(sample.event_width)
    displaced = (sample.events.x.astype(np.int64) * 7 + shift) % sample.event_width
    return replace(sample.events, x=displaced.astype(np.uint16))


def _sound(samples: NDArray[np.float32], rate_hz: int, generator: np.random.Generator) -> Any:
    fault = generator.integers(4)
    if fault == 0:
        return blind("microphone", samples)
    if fault == 1:
        loudness = np.float32(generator.uniform(0.03, 1.0))
        return np.asarray(corrupt("microphone", samples, generator)) * loudness
    if fault == 2:
        return np.clip(samples * 100, -1, 1).astype(np.float32)
    phase = 2 * np.pi * generator.uniform(45, 400) * np.arange(len(samples)) / rate_hz
    return np.clip(samples + generator.uniform(0.05, 0.8) * np.sign(np.sin(phase)), -1, 1).astype(np.float32)


def _cloud(points: NDArray[np.float32], generator: np.random.Generator) -> Any:
    if generator.random() < 0.4:
        return corrupt("lidar", points, generator)
    return (points + generator.normal(0, generator.uniform(0.03, 0.3), points.shape)).astype(np.float32)
