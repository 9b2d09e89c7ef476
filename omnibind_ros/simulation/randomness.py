"""Random numbers that depend only on what they are for: a seed, a purpose and a moment."""

import zlib
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

_NOISE_TILE = 512


def generator(seed: int, purpose: str, time_s: float = 0.0) -> np.random.Generator:
    """The generator for one purpose at one moment; equal arguments give equal numbers."""
    microseconds = round(time_s * 1e6) + (1 << 40)
    return np.random.default_rng([seed, zlib.crc32(purpose.encode()), microseconds])


def noise_image(rng: np.random.Generator, height: int, width: int, channels: int) -> NDArray[np.float32]:
    """Standard normal noise (height, width, channels) float32, cut from a fixed tile at a random place.

    Drawing a fresh number for every value of every frame would cost more than all the rest of the rendering.
    """
    tile = _noise_tile(channels)
    row, column = rng.integers(0, _NOISE_TILE - np.array([height, width]) + 1)
    return tile[row : row + height, column : column + width]


@lru_cache(maxsize=4)
def _noise_tile(channels: int) -> NDArray[np.float32]:
    rng = np.random.default_rng(20_240_501)
    return rng.standard_normal((_NOISE_TILE, _NOISE_TILE, channels), dtype=np.float32)
