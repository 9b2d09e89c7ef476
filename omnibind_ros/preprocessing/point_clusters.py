"""Euclidean clusters of a cloud by a sparse grid: time in proportion to the points, whatever room they take."""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

_LATER_COLUMNS = ((0, 1), (1, -1), (1, 0), (1, 1))  # (x, y) steps to half of a column's eight neighbours


def cluster_labels(xyz_N3: NDArray[np.float32], tolerance: float) -> NDArray[np.int32]:
    """Cluster number (N,) of each point of `xyz_N3` (N, 3), N > 0, finite.

    Cells with sides of half the tolerance belong together when they touch by side, edge or corner. So points nearer
    than half the tolerance are always in one cluster, and clusters are never joined over a gap of more than
    sqrt(3) times the tolerance. The extent of the cloud over the tolerance must be less than a million.
    """
    cell_N3 = np.empty(xyz_N3.shape, np.int64)
    for axis in range(3):
        value_N = xyz_N3[:, axis]
        cell_N3[:, axis] = (value_N - value_N.min()) * np.float32(2 / tolerance)
    # empty cells around the grid: a neighbour's number never belongs to the other end of the next row
    width, height = (cell_N3[:, 1:].max(axis=0) + 3).tolist()
    key_V, cell_N = np.unique((cell_N3[:, 0] * width + cell_N3[:, 1]) * height + cell_N3[:, 2], return_inverse=True)
    count = len(key_V)

    # keys grow along z first: above lies the next key, and three neighbours in another column lie next to each other
    below = np.flatnonzero(np.diff(key_V) == 1)
    from_cell, to_cell = [below], [below + 1]
    for step_x, step_y in _LATER_COLUMNS:
        lowest_V = key_V + (step_x * width + step_y) * height - 1
        place_V = np.searchsorted(key_V, lowest_V)
        for _ in range(3):
            found = np.flatnonzero(key_V[np.minimum(place_V, count - 1)] <= lowest_V + 2)
            found = found[place_V[found] < count]
            from_cell.append(found)
            to_cell.append(place_V[found])
            place_V = place_V + 1
    edges = (np.concatenate(from_cell), np.concatenate(to_cell))
    touching = coo_array((np.ones(len(edges[0]), np.int8), edges), shape=(count, count))
    label_V: NDArray[np.int32] = connected_components(touching, directed=False)[1]
    return label_V[cell_N]
