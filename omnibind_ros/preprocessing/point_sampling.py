"""Bring an object's points to the number an encoder takes, always the same way."""

import numpy as np
from numpy.typing import NDArray

_FARTHEST_UP_TO = 512
_CANDIDATES_PER_POINT = 4


def sample_indices(xyz_N3: NDArray[np.float32], count: int) -> NDArray[np.intp]:
    """Indices (count,) of the points to keep of `xyz_N3` (N, 3), N > 0, finite. The same points give the same indices.

    N <= count: the points are repeated in order, so each is there N // count times or once more.
    N > count, count <= 512: farthest-point sampling, of at most 4 * count points that `_spread` has left.
    N > count > 512: `_spread` alone, because farthest-point sampling takes time in proportion to N * count.
    """
    number = len(xyz_N3)
    if number <= count:
        return np.arange(count) % number
    if count > _FARTHEST_UP_TO:
        return _spread(xyz_N3, count)
    if number <= _CANDIDATES_PER_POINT * count:
        return _farthest(xyz_N3, count)
    candidates = _spread(xyz_N3, _CANDIDATES_PER_POINT * count)
    return candidates[_farthest(xyz_N3[candidates], count)]


def _farthest(xyz_N3: NDArray[np.float32], count: int) -> NDArray[np.intp]:
    """Farthest-point sampling (Eldar et al. 1997), beginning with the point farthest from the centroid."""
    xyz_3N = np.ascontiguousarray((xyz_N3 - xyz_N3.mean(axis=0)).T)
    square_N = np.einsum("an,an->n", xyz_3N, xyz_3N)
    chosen = np.empty(count, np.intp)
    chosen[0] = square_N.argmax()
    nearest_N = np.full(len(xyz_N3), np.inf, np.float32)
    offset_3N = np.empty_like(xyz_3N)
    for turn in range(1, count):
        last = chosen[turn - 1]
        np.subtract(xyz_3N, xyz_3N[:, last : last + 1], out=offset_3N)
        np.einsum("an,an->n", offset_3N, offset_3N, out=square_N)
        np.minimum(nearest_N, square_N, out=nearest_N)
        chosen[turn] = nearest_N.argmax()
    return chosen


def _spread(xyz_N3: NDArray[np.float32], count: int) -> NDArray[np.intp]:
    """Indices of `count` points, fewer than there are, taken in turns from the cells of a grid.

    The bounding cube is cut into cells, about as many on a surface as points are asked for; every cell gives its first
    point, then its second, and so on, and in the last turn evenly spaced cells give one.
    """
    number = len(xyz_N3)
    corner_3 = xyz_N3.min(axis=0)
    side = float((xyz_N3.max(axis=0) - corner_3).max())
    cells_per_side = int(np.ceil(np.sqrt(count)))
    scale = np.float32((cells_per_side - 1e-3) / side if side > 0 else 0.0)
    key_N = np.zeros(number, np.int64)
    for axis in range(3):
        key_N *= cells_per_side
        key_N += ((xyz_N3[:, axis] - corner_3[axis]) * scale).astype(np.int64)
    by_cell = np.argsort(key_N, kind="stable")
    starts = np.flatnonzero(np.diff(key_N[by_cell], prepend=-1))
    turn_N = np.arange(number) - np.repeat(starts, np.diff(starts, append=number))
    by_turn = by_cell[np.argsort(turn_N, kind="stable")]
    turn_ends = np.cumsum(np.bincount(turn_N))
    last = int(np.searchsorted(turn_ends, count))
    complete = int(turn_ends[last - 1]) if last else 0
    spaced = np.linspace(complete, int(turn_ends[last]), count - complete, endpoint=False).astype(np.intp)
    return by_turn[np.concatenate((np.arange(complete), spaced))]
