import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from omnibind_ros.preprocessing.point_sampling import sample_indices


def uneven_sphere(points: int, seed: int = 0) -> NDArray[np.float32]:
    """A sphere scanned ten times as densely on one side."""
    generator = np.random.default_rng(seed)
    direction = generator.normal(size=(points, 3))
    direction[points // 10 :, 0] = np.abs(direction[points // 10 :, 0])
    return (direction / np.linalg.norm(direction, axis=1, keepdims=True)).astype(np.float32)


@given(
    st.integers(1, 3000),
    st.sampled_from((1, 2, 16, 256, 512, 513, 1000)),
    st.integers(0, 9),
    st.sampled_from((0.0, 1.0)),
)
@settings(max_examples=60, deadline=None)
def test_the_count_is_exact_and_points_are_different_or_all_repeated(
    points: int, count: int, seed: int, spread: float
) -> None:
    xyz = np.random.default_rng(seed).normal(size=(points, 3)).astype(np.float32) * np.float32(spread)
    indices = sample_indices(xyz, count)
    assert indices.shape == (count,)
    times = np.bincount(indices, minlength=points)
    assert len(times) == points
    if points <= count:
        assert set(times) <= {count // points, count // points + 1}
    elif spread:
        assert times.max() == 1
    np.testing.assert_array_equal(indices, sample_indices(xyz, count))


def test_few_points_are_repeated_in_order() -> None:
    np.testing.assert_array_equal(sample_indices(uneven_sphere(3), 8), [0, 1, 2, 0, 1, 2, 0, 1])


@pytest.mark.parametrize(("count", "better"), [(256, 0.6), (600, 0.9)])
def test_sparse_parts_are_covered_better_than_by_chance(count: int, better: float) -> None:
    xyz = uneven_sphere(20_000)
    by_chance = np.random.default_rng(1).permutation(len(xyz))[:count]
    gap = cKDTree(xyz[sample_indices(xyz, count)]).query(xyz)[0].max()
    assert gap < better * cKDTree(xyz[by_chance]).query(xyz)[0].max()
