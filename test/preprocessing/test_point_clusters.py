import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from omnibind_ros.preprocessing.point_clusters import cluster_labels


def euclidean(xyz: np.ndarray, gap: float) -> np.ndarray:
    """Clusters by all pairs of points nearer than the gap."""
    pairs = cKDTree(xyz).query_pairs(gap, output_type="ndarray")
    edges = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(xyz), len(xyz)))
    return connected_components(edges, directed=False)[1]


def splits_nothing_of(coarse: np.ndarray, fine: np.ndarray) -> bool:
    """Whether points that are together in `fine` are together in `coarse`."""
    return len(np.unique(np.stack((fine, coarse)), axis=1).T) == len(np.unique(fine))


@given(st.integers(1, 300), st.integers(0, 10_000), st.floats(0.2, 3.0), st.sampled_from((0.0, -50.0, 500.0)))
@settings(max_examples=80, deadline=None)
def test_clusters_lie_between_the_euclidean_ones_of_the_stated_gaps(
    points: int, seed: int, tolerance: float, shift: float
) -> None:
    xyz = (np.random.default_rng(seed).uniform(0, 5, (points, 3)) * (1, 1, 0.3) + shift).astype(np.float32)
    labels = cluster_labels(xyz, tolerance)
    assert labels.shape == (points,)
    assert splits_nothing_of(labels, euclidean(xyz, 0.49 * tolerance))
    assert splits_nothing_of(euclidean(xyz, 1.74 * tolerance), labels)


def test_the_far_end_of_a_row_is_no_neighbour() -> None:
    grid = np.array([[x, y, z] for x in (0.0, 1.0) for y in (0.0, 5.0) for z in (0.0, 5.0)], np.float32)
    labels = cluster_labels(grid, 2.0)
    assert len(set(labels)) == 4
    np.testing.assert_array_equal(labels[:4], labels[4:])


def test_the_room_a_cloud_takes_does_not_matter() -> None:
    xyz = np.array([[0, 0, 0], [0.01, 0, 0], [9000, 9000, 9000]], np.float32)
    assert cluster_labels(xyz, 0.02).tolist() == [0, 0, 1]
