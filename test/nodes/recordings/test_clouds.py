"""Sweeps and objects of real LiDARs, re-packed as messages, over real DDS into embeddings and recognitions."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from every_modality import COMPACT, write_bundle_of_every_modality
from numpy.typing import NDArray

pytest.importorskip("rclpy", reason="needs ROS 2: run `make setup`")

from perception_process import Robot, perception, seen_now
from sensor_msgs.msg import PointCloud2, PointField

from omnibind_ros.modality import Modality
from omnibind_ros.preprocessing.point_segmentation import STREET

pytestmark = pytest.mark.ros

# sensor_msgs/PointField datatypes by what a PCD file calls them, or by NumPy's name
DATATYPES = {"I1": 1, "U1": 2, "I2": 3, "U2": 4, "I4": 5, "U4": 6, "F4": 7, "F8": 8}


in_a_street = pytest.mark.parametrize("robot", [STREET], indirect=True, ids=["street"])
cut_out_already = pytest.mark.parametrize("robot", [None], indirect=True, ids=["objects"])


@pytest.fixture(scope="module")
def robot(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Robot]:
    """LiDARs whose encoder cuts an object out of a cloud as the parameter says."""
    folder = tmp_path_factory.mktemp("clouds")
    settings = COMPACT[Modality.POINT].model_copy(update={"segmentation": request.param})
    bundle = write_bundle_of_every_modality(folder / "bundle", {Modality.POINT: settings})
    sources = {name: {"modality": "point"} for name in ("kitti", "nuscenes", "nebula", "objects")}
    with perception(folder, bundle, sources) as robot:
        yield robot


def existing(path: Path) -> Path:
    if not path.exists():
        pytest.skip(f"no recording at {path}")
    return path


def cloud(columns: Sequence[tuple[str, str, int]], data: bytes) -> PointCloud2:
    """A message with these columns (name, datatype as in DATATYPES, count), without padding."""
    offset, fields = 0, []
    for name, kind, count in columns:
        fields.append(PointField(name=name, offset=offset, datatype=DATATYPES[kind], count=count))
        offset += int(kind[1:]) * count
    message = PointCloud2(height=1, width=len(data) // offset, point_step=offset, row_step=len(data), is_dense=True)
    message.fields = fields
    message.data = data
    return seen_now(message, "lidar_top")


def floats(names: Sequence[str], table: NDArray[np.float32]) -> PointCloud2:
    return cloud([(name, "F4", 1) for name in names], np.ascontiguousarray(table, "<f4").tobytes())


def pcd(path: Path) -> PointCloud2:
    """A binary PCD file: its bytes are those of the message it was made from."""
    header, _, body = path.read_bytes().partition(b"DATA binary\n")
    entries: dict[str, Any] = {line.split()[0]: line.split()[1:] for line in header.decode().splitlines()}
    columns = [
        (name, f"{kind}{size}", int(count))
        for name, kind, size, count in zip(*(entries[key] for key in ("FIELDS", "TYPE", "SIZE", "COUNT")), strict=True)
    ]
    step = sum(int(kind[1:]) * count for _, kind, count in columns)
    return cloud(columns, body[: step * int(entries["POINTS"][0])])


@in_a_street
def test_sweeps_of_a_car_are_recognised(robot: Robot, recordings: Path) -> None:
    folder = recordings / "lidar_camera" / "kitti_object" / "velodyne"
    for path in sorted(existing(folder).glob("*.bin")):
        sweep = np.fromfile(path, np.float32).reshape(-1, 4)
        embedding = robot.recognise("kitti", floats(("x", "y", "z", "intensity"), sweep))
        assert embedding.modality is Modality.POINT
        assert embedding.quality > 0.1


@in_a_street
def test_a_sweep_with_rings_is_recognised(robot: Robot, recordings: Path) -> None:
    path = existing(recordings / "lidar_camera" / "nuscenes" / "LIDAR_TOP.bin")
    sweep = np.fromfile(path, np.float32).reshape(-1, 5)
    assert robot.recognise("nuscenes", floats(("x", "y", "z", "intensity", "ring"), sweep)).quality > 0.1


@in_a_street
@pytest.mark.parametrize("sensor", ["qt64", "vlp16", "vlp32", "xt32m"])
def test_sweeps_with_a_driver_s_own_fields_become_embeddings(robot: Robot, recordings: Path, sensor: str) -> None:
    for path in sorted(existing(recordings / "lidar" / "nebula" / sensor).glob("*.pcd")):
        assert robot.embed("nebula", pcd(path)).modality is Modality.POINT


@cut_out_already
def test_labelled_objects_are_recognised(robot: Robot, recordings: Path) -> None:
    for xyz in np.load(existing(recordings / "lidar" / "kitti_objects" / "test.npz"))["points"][::20]:
        embedding = robot.recognise("objects", floats(("x", "y", "z"), xyz))
        assert embedding.modality is Modality.POINT
        assert embedding.quality == 1
