"""The ground plane under a sensor, found the same way every time."""

import numpy as np
from numpy.typing import NDArray

_SAMPLE = 8192
_TRIALS = 256
_LEAST_COLUMNS = 12
_LEAST_SHARE = 0.2


def height_above_ground(
    xyz_N3: NDArray[np.float32], *, tolerance: float, tilt_deg: float, column: float
) -> NDArray[np.float32] | None:
    """Height (N,) of the points of `xyz_N3` (N, 3; finite, z up, the sensor at 0) over the ground; None without ground.

    The plane goes through the lowest points of a grid of columns of that side, where walls and objects count little:
    the best trial plane of RANSAC (Fischler and Bolles 1981) with a fixed seed, then least squares of what lies within
    the tolerance, then the median of all points there. It passes below the sensor, leans by no more than `tilt_deg`,
    and holds at least a fifth of the columns. Everything in metres.
    """
    if len(xyz_N3) < _LEAST_COLUMNS:
        return None
    generator = np.random.default_rng(0)
    sample_S3 = xyz_N3
    if len(xyz_N3) > _SAMPLE:  # at random: every k-th point would meet the same ring of a LiDAR again and again
        sample_S3 = xyz_N3.take(generator.integers(0, len(xyz_N3), _SAMPLE), axis=0)
    low_C3 = _lowest_of_columns(sample_S3, column)
    least = max(_LEAST_COLUMNS, int(_LEAST_SHARE * len(low_C3)))
    if len(low_C3) < least:
        return None
    upright = float(np.cos(np.radians(tilt_deg)))

    # trial planes normal·p + offset = 0 through three points
    a_T3, b_T3, c_T3 = low_C3[generator.integers(0, len(low_C3), (3, _TRIALS))]
    normal_T3 = np.cross(b_T3 - a_T3, c_T3 - a_T3)
    length_T = np.linalg.norm(normal_T3, axis=1)
    plausible_T = (length_T > 0) & (np.abs(normal_T3[:, 2]) >= upright * length_T)
    if not plausible_T.any():
        return None
    normal_T3 = normal_T3[plausible_T] * (np.sign(normal_T3[:, 2]) / np.maximum(length_T, 1e-300))[plausible_T, None]
    offset_T = -np.einsum("ta,ta->t", normal_T3, a_T3[plausible_T])
    votes_T = (np.abs(low_C3 @ normal_T3.T + offset_T) < tolerance).sum(axis=0)
    votes_T[offset_T <= 0] = 0
    best = int(votes_T.argmax())
    if votes_T[best] < least:
        return None

    normal_3, offset = normal_T3[best], float(offset_T[best])
    for _ in range(2):
        support_K3 = low_C3[np.abs(low_C3 @ normal_3 + offset) < tolerance]
        centre_3 = support_K3.mean(axis=0)
        variance_3, direction_33 = np.linalg.eigh(np.cov(support_K3.T))
        if variance_3[1] < (column / 2) ** 2:
            return None  # a line, as the foot of a wall is, about which a plane can turn
        normal_3 = direction_33[:, 0] * np.sign(direction_33[2, 0])
        offset = -float(normal_3 @ centre_3)
    # the lowest points lie below the ground by the noise of the sensor
    height_S = sample_S3 @ normal_3 + offset
    offset -= float(np.median(height_S[np.abs(height_S) < tolerance]))
    height_N: NDArray[np.float32] = xyz_N3 @ normal_3.astype(np.float32)
    height_N += np.float32(offset)
    return height_N


def _lowest_of_columns(xyz_N3: NDArray[np.float32], side: float) -> NDArray[np.float64]:
    """The lowest point (C, 3) of each column of a grid over x and y in which there is one."""
    falling_N3 = xyz_N3.take(np.argsort(-xyz_N3[:, 2], kind="stable"), axis=0).astype(np.float64)
    column_N2 = np.floor(falling_N3[:, :2] / side).astype(np.int64)
    column_N2 -= column_N2.min(axis=0)
    key_N = column_N2[:, 0] * (column_N2[:, 1].max() + 1) + column_N2[:, 1]
    lowest = np.full(int(key_N.max()) + 1, -1)
    lowest[key_N] = np.arange(len(key_N))  # of equal keys the last one stays: the lowest point
    return falling_N3.take(lowest[lowest >= 0], axis=0)
