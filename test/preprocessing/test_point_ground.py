import numpy as np
import pytest
from numpy.typing import NDArray

from omnibind_ros.preprocessing.point_ground import height_above_ground


def heights(xyz: NDArray[np.float32]) -> NDArray[np.float32] | None:
    return height_above_ground(xyz, tolerance=0.02, tilt_deg=15.0, column=0.1)


def plane(points: int, height: float, lean_deg: float = 0.0, noise: float = 0.004) -> NDArray[np.float32]:
    generator = np.random.default_rng(3)
    xyz = generator.uniform(-1.5, 1.5, (points, 3))
    xyz[:, 2] = height + np.tan(np.radians(lean_deg)) * xyz[:, 0] + generator.normal(0, noise, points)
    return xyz.astype(np.float32)


def wall(points: int) -> NDArray[np.float32]:
    xyz = np.random.default_rng(4).uniform((1.6, -1.5, -0.5), (1.61, 1.5, 1.5), (points, 3))
    return xyz.astype(np.float32)


@pytest.mark.parametrize("lean_deg", [0.0, 5.0, -12.0])
def test_ground_lies_at_zero_and_what_stands_on_it_above(lean_deg: float) -> None:
    ground = plane(4000, -0.5, lean_deg)
    standing = ground[:500] + np.array([0, 0, 0.3], np.float32)
    height = heights(np.concatenate((ground, standing, wall(3000))))
    assert height is not None
    assert height.dtype == np.float32
    assert np.abs(height[:4000]).max() < 0.02
    np.testing.assert_allclose(height[4000:4500], 0.3 * np.cos(np.radians(lean_deg)), atol=0.02)


def test_stray_points_below_the_ground_do_not_move_it() -> None:
    ground = plane(4000, -0.5)
    stray = ground[:40] - np.array([0, 0, 0.7], np.float32)
    height = heights(np.concatenate((ground, stray)))
    assert height is not None
    assert np.abs(height[:4000]).max() < 0.02


@pytest.mark.parametrize(
    "xyz",
    [
        wall(4000),
        plane(4000, 0.8),  # a ceiling
        plane(4000, -0.5, lean_deg=35.0),
        np.random.default_rng(5).uniform(-1, 1, (500, 3)).astype(np.float32),
        plane(5, -0.5),
        np.zeros((100, 3), np.float32),
        np.linspace((-1, 0, -0.5), (1, 0, -0.5), 200, dtype=np.float32)[:, [1, 1, 2]],
    ],
    ids=["wall", "ceiling", "steep", "no plane", "few points", "one place", "one column"],
)
def test_what_is_no_ground_is_not_taken_for_it(xyz: NDArray[np.float32]) -> None:
    assert heights(xyz) is None
