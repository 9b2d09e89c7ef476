"""Sweeps and objects of real LiDARs (KITTI, nuScenes, nebula) through the preprocessing."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from omnibind_ros.messages.points import PointCloud
from omnibind_ros.preprocessing.point import PRESETS, PointPreprocessor, isolate_object, prepare_point
from omnibind_ros.preprocessing.point_segmentation import STREET

POINTBIND = PRESETS["pointbind"]


def existing(path: Path) -> Path:
    if not path.exists():
        pytest.skip(f"no recording at {path}")
    return path


def sweep(path: Path, columns: int) -> NDArray[np.float32]:
    return np.fromfile(existing(path), np.float32).reshape(-1, columns)[:, :3].copy()


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("kitti_object/velodyne/000000.bin", 4),
        ("kitti_object/velodyne/000001.bin", 4),
        ("kitti_object/velodyne/000002.bin", 4),
        ("kitti_object/demo/000008.bin", 4),
        ("nuscenes/LIDAR_TOP.bin", 5),
    ],
)
def test_of_a_street_one_object_is_left(recordings: Path, name: str, columns: int) -> None:
    xyz = sweep(recordings / "lidar_camera" / name, columns)
    isolated = isolate_object(PointCloud(xyz), POINTBIND).xyz_N3
    assert STREET.min_points <= len(isolated) < 0.1 * len(xyz)
    assert np.ptp(isolated, axis=0).max() <= STREET.max_size_m
    assert np.linalg.norm(isolated.mean(axis=0)) > STREET.min_range_m
    assert prepare_point(PointCloud(xyz), POINTBIND).shape == (8192, 3)


def test_a_labelled_pedestrian_is_cut_out_whole(recordings: Path) -> None:
    folder = recordings / "lidar_camera" / "kitti_object"
    xyz = sweep(folder / "velodyne" / "000000.bin", 4)
    label = existing(folder / "label_2" / "000000.txt").read_text().split()
    height, width, length, right, down, forward = map(float, label[8:14])
    assert label[0] == "Pedestrian"
    # the camera sits 0.27 m in front of the LiDAR and 0.08 m below it
    centre = (forward + 0.27, -right, height / 2 - down - 0.08)
    near_centre = STREET.model_copy(update={"focus_m": centre})
    settings = POINTBIND.model_copy(update={"segmentation": near_centre})
    isolated = isolate_object(PointCloud(xyz), settings).xyz_N3
    inside = (np.abs(isolated - centre) < np.array((length, length, height)) / 2 + 0.15).all(axis=1)
    assert inside.mean() > 0.95
    assert np.ptp(isolated[:, 2]) > 0.8 * height
    assert np.ptp(isolated[:, 1]) > 0.5 * width


def test_labelled_objects_are_prepared_whole(recordings: Path) -> None:
    objects = np.load(existing(recordings / "lidar" / "kitti_objects" / "test.npz"))["points"][::40]
    settings = PRESETS["compact"].model_copy(update={"segmentation": None})
    for xyz in objects:
        preprocessor = PointPreprocessor(settings)
        preprocessor.add(PointCloud(xyz), 0)
        model_input = preprocessor.take()
        assert model_input is not None
        assert model_input.quality == 1
        # 128 points, each twice
        centred = xyz.astype(np.float64) - xyz.mean(axis=0, dtype=np.float64)
        expected = centred / np.linalg.norm(centred, axis=1).max()
        np.testing.assert_allclose(model_input.array, np.concatenate((expected, expected)), atol=1e-5)
