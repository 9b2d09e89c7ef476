import numpy as np
import pytest

from omnibind_ros.simulation.lidar import MOST_RANGE_M, Lidar
from omnibind_ros.simulation.objects import make_object
from omnibind_ros.simulation.scene import Scene


@pytest.fixture(scope="module")
def scene() -> Scene:
    return Scene(make_object("bucket", 1), 2)


def test_a_scan_has_the_size_of_a_real_one_and_is_finite(scene: Scene) -> None:
    scan = Lidar(scene).scan(0.4)
    assert scan.dtype == np.float32
    assert 10_000 < len(scan) < 30_000
    assert np.isfinite(scan).all()
    assert np.linalg.norm(scan, axis=1).max() < MOST_RANGE_M


def test_the_floor_is_level_below_the_sensor(scene: Scene) -> None:
    scan = Lidar(scene).scan(0.4)
    floor = -float(scene.camera_position[2])
    assert scan[:, 2].min() > floor - 0.02
    assert (np.abs(scan[:, 2] - floor) < 0.01).mean() > 0.2


def test_object_points_are_part_of_the_scan_and_lie_where_the_object_stands(scene: Scene) -> None:
    lidar = Lidar(scene)
    points, scan = lidar.object_points(0.4), lidar.scan(0.4)
    assert {tuple(point) for point in points.tolist()} <= {tuple(point) for point in scan.tolist()}
    in_world = points + scene.camera_position
    assert np.linalg.norm(in_world[:, :2], axis=1).max() < scene.object.radius_m * 1.2
    assert in_world[:, 2].min() > -0.05


def test_the_visible_size_of_a_ball_is_true() -> None:
    ball = make_object("tennis ball", 4)
    points = Lidar(Scene(ball, 9)).object_points(0.0)
    assert np.ptp(points[:, 1]) == pytest.approx(ball.size_m, rel=0.15)
