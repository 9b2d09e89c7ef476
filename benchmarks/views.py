"""What the sensors of the simulated world see, at the sizes and rates of real ones."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from omnibind_ros.simulation.sensors import FRAME_RATE_HZ, LIDAR_RATE_HZ, SOUND_RATE_HZ, Sensor
from omnibind_ros.simulation.world import World

_SEED = 0
_PIXEL_NOISE = 3.0
_RANGE_NOISE_M = 0.002
# The simulated touch sensor is not touched in the first second: it is read in the two after that.
_LIFTED_S = 1.0


def pictures(sensor: Sensor, *, width: int, height: int, count: int, after_s: float = 0.0) -> list[NDArray[Any]]:
    """Frames of a camera (H, W, 3) uint8, or of a thermal one (H, W) uint16, each with noise of its own."""
    world, rng = World(_SEED), np.random.default_rng(_SEED)
    small = [world.read(sensor, number / FRAME_RATE_HZ) for number in range(round(after_s * FRAME_RATE_HZ) + count)]
    return [_enlarged(np.asarray(picture), width, height, rng) for picture in small[-count:]]


def touches(*, width: int, height: int, count: int) -> list[NDArray[Any]]:
    """Frames of a touch sensor (H, W, 3) uint8: untouched for the first half, then touched."""
    half = count // 2
    untouched = pictures("touch", width=width, height=height, count=half)
    return untouched + pictures("touch", width=width, height=height, count=count - half, after_s=_LIFTED_S)


def sound(seconds: float) -> NDArray[np.float32]:
    """Samples (N,) in [-1, 1] at `SOUND_RATE_HZ`, with an impact about every half second."""
    world, step_s = World(_SEED), 0.1
    parts = [world.read("microphone", step_s * (number + 1)) for number in range(round(seconds / step_s))]
    samples: NDArray[np.float32] = np.concatenate([np.asarray(part) for part in parts])
    return samples[: round(seconds * SOUND_RATE_HZ)]


def clouds(*, points: int, count: int) -> list[NDArray[np.float32]]:
    """Scans (points, 3) of a LiDAR: the simulated one's, each point measured as often as it takes."""
    world, rng = World(_SEED), np.random.default_rng(_SEED)
    scans = [np.asarray(world.read("lidar", number / LIDAR_RATE_HZ)) for number in range(count)]
    return [
        (np.resize(scan, (points, 3)) + rng.normal(0, _RANGE_NOISE_M, (points, 3))).astype(np.float32) for scan in scans
    ]


def hint() -> str:
    """What a person says of the object."""
    return str(World(_SEED).read("prompt", 0.0))


def _enlarged(picture: NDArray[Any], width: int, height: int, rng: np.random.Generator) -> NDArray[Any]:
    large = cv2.resize(picture, (width, height), interpolation=cv2.INTER_LINEAR).astype(np.float32)
    noisy = large + rng.standard_normal(large.shape, np.float32) * _PIXEL_NOISE
    limits = np.iinfo(picture.dtype)
    clipped: NDArray[Any] = np.clip(noisy, limits.min, limits.max).astype(picture.dtype)
    return clipped
