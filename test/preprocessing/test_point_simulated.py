"""The simulated LiDAR's scans, with floor, walls and boxes, through the preset that the small encoders use."""

import pytest

from omnibind_ros.messages.points import PointCloud
from omnibind_ros.preprocessing.point import PRESETS, isolate_object
from omnibind_ros.simulation.lidar import Lidar
from omnibind_ros.simulation.objects import LABELS, make_object
from omnibind_ros.simulation.scene import Scene


@pytest.mark.parametrize("label", LABELS[::5])
def test_the_object_and_nothing_else_is_cut_out_of_a_scan(label: str) -> None:
    lidar = Lidar(Scene(make_object(label, 1), 1))
    on_object = set(map(tuple, lidar.object_points(1.0).tolist()))
    isolated = list(map(tuple, isolate_object(PointCloud(lidar.scan(1.0)), PRESETS["compact"]).xyz_N3.tolist()))
    hits = sum(point in on_object for point in isolated)
    assert hits > 0.95 * len(isolated)
    assert hits > 0.5 * len(on_object)
