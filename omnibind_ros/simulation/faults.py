"""What goes wrong with sensors: they are unplugged, freeze, go blind, send garbage, or see something else."""

from enum import Enum

import numpy as np
from numpy.typing import NDArray

from omnibind_ros.simulation.event_camera import EventBatch, no_events
from omnibind_ros.simulation.sensors import VIEW_HEIGHT, VIEW_WIDTH, Sensor

Reading = NDArray[np.uint8] | NDArray[np.uint16] | NDArray[np.float32] | EventBatch
"""What a sensor delivers: images, events, (N,) sound samples or (N, 3) points."""

_GARBAGE_EVENTS = 4000
_GARBAGE_NAN_SHARE = 0.3


class Fault(str, Enum):
    """A way in which a sensor fails."""

    UNPLUG = "unplug"
    """It delivers nothing."""
    FREEZE = "freeze"
    """It delivers its last reading again and again."""
    BLIND = "blind"
    """Its view is blocked: black, saturated, silent, covered or empty."""
    CORRUPT = "corrupt"
    """It delivers noise and impossible values."""
    MISLEAD = "mislead"
    """It delivers good readings of another object."""


def blind(sensor: Sensor, reading: Reading) -> Reading:
    """The reading of a blocked sensor, of the same kind and size.

    A black image, a saturated thermal image, no events, an evenly covered gel, silence, an empty cloud.
    """
    if isinstance(reading, EventBatch):
        return no_events()
    if sensor == "lidar":
        return np.zeros((0, 3), np.float32)
    if sensor == "thermal":
        return np.full_like(reading, np.iinfo(np.uint16).max)
    if sensor == "touch":
        return np.full_like(reading, 20)
    return np.zeros_like(reading)


def corrupt(sensor: Sensor, reading: Reading, rng: np.random.Generator) -> Reading:
    """The reading of a broken sensor, of the same kind: random values, for points also values that are not a number."""
    if isinstance(reading, EventBatch):
        start, end = (int(reading.t_us[0]), int(reading.t_us[-1])) if len(reading) else (0, 0)
        return EventBatch(
            rng.integers(0, VIEW_WIDTH, _GARBAGE_EVENTS).astype(np.uint16),
            rng.integers(0, VIEW_HEIGHT, _GARBAGE_EVENTS).astype(np.uint16),
            np.sort(rng.integers(start, end + 1, _GARBAGE_EVENTS)),
            rng.random(_GARBAGE_EVENTS) < 0.5,
        )
    if sensor == "lidar":
        points = rng.uniform(-5.0, 5.0, reading.shape).astype(np.float32)
        points[rng.random(len(points)) < _GARBAGE_NAN_SHARE] = np.nan
        return points
    if sensor == "microphone":
        return rng.uniform(-1.0, 1.0, reading.shape).astype(np.float32)
    if reading.dtype == np.uint16:
        return rng.integers(0, 1 << 16, reading.shape, dtype=np.uint16)
    return rng.integers(0, 256, reading.shape, dtype=np.uint8)
