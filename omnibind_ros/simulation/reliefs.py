"""Reliefs: periodic height maps of surface micro-texture, seen as shading by cameras and felt by the touch sensor.

A relief is one tile of `TILE` x `TILE` heights in [-1, 1] that repeats every `period_m` metres. The same tile modulates
the colour (grain, print, pores), so that camera and touch tell of the same surface.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

TILE = 256

Heights = NDArray[np.float32]
Drawn = NDArray[Any]
"""Heights as a formula gives them, of any scale and precision."""


@dataclass(frozen=True)
class Relief:
    """A kind of micro-texture.

    Attributes:
        heights: Draws the tile, (TILE, TILE) with rows along v and columns along u.
        period_m: Edge length of the tile on the surface.
        depth_m: Height of a value of 1 over the mean surface.
        contrast: Relative change of brightness of a value of 1.
    """

    heights: Callable[[], Drawn]
    period_m: float
    depth_m: float
    contrast: float


@cache
def tile(name: str) -> Heights:
    """Heights of a relief of RELIEFS, (TILE, TILE) float32 with zero mean and a largest absolute value of 1."""
    heights = np.asarray(RELIEFS[name].heights(), np.float32)
    heights = heights - heights.mean()
    return np.asarray(heights / max(float(np.abs(heights).max()), 1e-6), np.float32)


def sample(name: str, texture: NDArray[np.float32]) -> Heights:
    """Heights in [-1, 1] at texture coordinates (N, 2) in metres."""
    index = (texture * (TILE / RELIEFS[name].period_m)).astype(np.int64) & (TILE - 1)
    return np.asarray(tile(name)[index[:, 1], index[:, 0]], np.float32)


def _coordinates() -> tuple[Drawn, Drawn]:
    v, u = np.meshgrid(*[np.arange(TILE, dtype=np.float32) / TILE] * 2, indexing="ij")
    return u, v


def _noise(seed: int, across: float, along: float | None = None) -> Drawn:
    """Smooth periodic noise of unit deviation; `across` and `along` are its grain in pixels along u and v."""
    white = np.random.default_rng(seed).standard_normal((TILE, TILE))
    smooth = gaussian_filter(white, (across if along is None else along, across), mode="wrap")
    return np.asarray(smooth / smooth.std(), np.float32)


def _smooth() -> Drawn:
    return _noise(1, 30.0) * 0.2


def _glaze() -> Drawn:
    return _noise(2, 12.0)


def _brushed() -> Drawn:
    return _noise(3, 40.0, 0.7)


def _satin() -> Drawn:
    return _noise(4, 1.2) * 0.5 + _noise(5, 3.0, 12.0) * 0.5


def _scratches() -> Drawn:
    rng = np.random.default_rng(6)
    canvas = np.zeros((TILE, TILE))
    for _ in range(26):
        start, angle = rng.uniform(0, TILE, 2), rng.uniform(0, np.pi)
        at = start + np.linspace(0, rng.uniform(40, 200), 400)[:, None] * [np.sin(angle), np.cos(angle)]
        canvas[tuple(at.astype(int).T % TILE)] = -1
    return np.asarray(gaussian_filter(canvas, 0.8, mode="wrap"), np.float32)


def _pebbled() -> Drawn:
    return np.tanh(_noise(7, 4.0) * 1.5)


def _pitted() -> Drawn:
    return -np.clip(_noise(8, 3.0) - 0.6, 0, None) * 1.4 + _noise(9, 1.2) * 0.25


def _pores() -> Drawn:
    return -np.clip(_noise(10, 5.0) + 0.2, 0, 1.2) + _noise(11, 1.5) * 0.2


def _fuzz() -> Drawn:
    fibres = [_noise(12 + i, 6.0 if i % 2 else 0.8, 0.8 if i % 2 else 6.0) for i in range(2)]
    return np.asarray(np.maximum(*fibres) + _noise(14, 1.0) * 0.5, np.float32)


def _knurl() -> Drawn:
    u, v = _coordinates()
    count = 12
    return np.minimum(np.abs(np.sin(np.pi * count * (u + v))), np.abs(np.sin(np.pi * count * (u - v))))


def _ribs_along() -> Drawn:
    u, _ = _coordinates()
    return np.sqrt(np.abs(np.sin(np.pi * 6 * u)))


def _thread() -> Drawn:
    u, v = _coordinates()
    return np.abs(((v * 10 + u) % 1.0) * 2 - 1)


def _corrugation() -> Drawn:
    _, v = _coordinates()
    return np.sin(2 * np.pi * 6 * v)


def _rings() -> Drawn:
    _, v = _coordinates()
    return np.asarray(np.clip(np.sin(2 * np.pi * 3 * v) * 4, -1, 1))


def _grain() -> Drawn:
    u, _ = _coordinates()
    warp = _noise(20, 12.0, 50.0) * 0.05
    return np.sin(2 * np.pi * 7 * (u + warp)) * 0.5 + _noise(21, 0.8, 25.0) * 0.5


def _weave() -> Drawn:
    u, v = _coordinates()
    over = np.sin(2 * np.pi * 16 * u) * np.sin(2 * np.pi * 16 * v) > 0
    warp, weft = np.abs(np.sin(2 * np.pi * 16 * u)), np.abs(np.sin(2 * np.pi * 16 * v))
    return np.where(over, warp, weft * 0.7)


def _flutes() -> Drawn:
    u, _ = _coordinates()
    return np.cos(2 * np.pi * 8 * u) * 0.5 + 0.5


def _stipple() -> Drawn:
    u, v = _coordinates()
    row = np.floor(v * 16)
    du = (u * 16 + 0.5 * (row % 2)) % 1.0 - 0.5
    dv = (v * 16) % 1.0 - 0.5
    return np.asarray(np.clip(1 - (du**2 + dv**2) / 0.1, 0, None))


def _dimples() -> Drawn:
    u, v = _coordinates()
    row = np.floor(v * 6)
    du = (u * 6 + 0.5 * (row % 2)) % 1.0 - 0.5
    dv = (v * 6) % 1.0 - 0.5
    return np.asarray(np.minimum(du**2 + dv**2, 0.2))


def _pages() -> Drawn:
    return _noise(30, 30.0, 1.0) + _noise(31, 0.6) * 0.2


def _flute_board() -> Drawn:
    _, v = _coordinates()
    return np.sin(2 * np.pi * 5 * v) * 0.5 + _noise(33, 5.0) * 0.15


def _drips() -> Drawn:
    return np.tanh(_noise(34, 8.0, 40.0)) + _noise(35, 6.0) * 0.2


def _terracotta() -> Drawn:
    _, v = _coordinates()
    return np.sin(2 * np.pi * 4 * v + _noise(36, 20.0) * 0.4) * 0.6 + _noise(37, 1.5) * 0.25


def _print() -> Drawn:
    """A printed label: blocks of text and a picture, raised by the ink."""
    rng = np.random.default_rng(38)
    canvas = np.zeros((TILE, TILE), np.float32)
    for row in range(16, TILE, 22):
        column = 8
        while column < TILE - 24:
            width = int(rng.integers(8, 40))
            canvas[row : row + 9, column : min(column + width, TILE - 8)] = -1
            column += width + 8
    canvas[60:170, 90:200] = np.clip(_noise(39, 14.0), -1, 1)[60:170, 90:200]
    return canvas


def _nap() -> Drawn:
    return np.clip(_noise(40, 4.0, 2.5), -2, 2) + _noise(41, 1.0) * 0.4


RELIEFS: dict[str, Relief] = {
    "smooth": Relief(_smooth, 0.06, 0.00002, 0.01),
    "glaze": Relief(_glaze, 0.05, 0.00006, 0.03),
    "brushed": Relief(_brushed, 0.02, 0.00004, 0.12),
    "satin": Relief(_satin, 0.015, 0.00005, 0.05),
    "scratches": Relief(_scratches, 0.03, 0.00006, 0.08),
    "pebbled": Relief(_pebbled, 0.03, 0.00016, 0.12),
    "pitted": Relief(_pitted, 0.045, 0.00035, 0.3),
    "pores": Relief(_pores, 0.035, 0.0006, 0.3),
    "fuzz": Relief(_fuzz, 0.02, 0.00025, 0.16),
    "knurl": Relief(_knurl, 0.02, 0.00035, 0.25),
    "ribs": Relief(_ribs_along, 0.03, 0.0006, 0.2),
    "thread": Relief(_thread, 0.025, 0.0007, 0.45),
    "corrugation": Relief(_corrugation, 0.036, 0.0006, 0.16),
    "rings": Relief(_rings, 0.024, 0.0003, 0.12),
    "grain": Relief(_grain, 0.05, 0.00012, 0.28),
    "weave": Relief(_weave, 0.03, 0.0002, 0.15),
    "flutes": Relief(_flutes, 0.06, 0.0008, 0.12),
    "stipple": Relief(_stipple, 0.032, 0.0004, 0.1),
    "dimples": Relief(_dimples, 0.05, 0.0007, 0.12),
    "pages": Relief(_pages, 0.02, 0.0001, 0.25),
    "board": Relief(_flute_board, 0.03, 0.00016, 0.06),
    "drips": Relief(_drips, 0.05, 0.0006, 0.1),
    "terracotta": Relief(_terracotta, 0.04, 0.00022, 0.12),
    "print": Relief(_print, 0.07, 0.00004, 0.5),
    "nap": Relief(_nap, 0.03, 0.0009, 0.25),
}
