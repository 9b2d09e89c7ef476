from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from omnibind_ros.errors import MessageError
from omnibind_ros.messages.points import MAX_POINTS, points_from_cloud

CODES = {"i1": 1, "u1": 2, "i2": 3, "u2": 4, "i4": 5, "u4": 6, "f4": 7, "f8": 8}
XYZ = ("x", "y", "z")


@dataclass
class Layout:
    """Columns of a cloud, each with its type and the unused bytes before it."""

    columns: list[tuple[str, str, NDArray[Any]]]
    gaps: list[int] = field(default_factory=list)
    trailing: int = 0
    rows: int = 1
    row_padding: int = 0
    big_endian: bool = False


def packed(layout: Layout) -> Any:
    """A PointCloud2 of that layout, packed byte by byte; unused bytes are 0xA5."""
    points = len(layout.columns[0][2])
    fields, parts, offset = [], [], 0
    gaps = layout.gaps or [0] * len(layout.columns)
    for gap, (name, code, values) in zip(gaps, layout.columns, strict=True):
        offset += gap
        parts.append(np.full((points, gap), 0xA5, np.uint8))
        dtype = np.dtype(code).newbyteorder(">" if layout.big_endian else "<")
        raw = np.ascontiguousarray(values.astype(dtype)).reshape(points, -1).view(np.uint8)
        count = raw.shape[1] // dtype.itemsize if points else 1
        fields.append(SimpleNamespace(name=name, offset=offset, datatype=CODES[code], count=count))
        parts.append(raw)
        offset += raw.shape[1]
    parts.append(np.full((points, layout.trailing), 0xA5, np.uint8))
    table = np.concatenate(parts, axis=1)
    columns = points // layout.rows
    rows = table.reshape(layout.rows, -1)
    rows = np.concatenate((rows, np.full((layout.rows, layout.row_padding), 0xA5, np.uint8)), axis=1)
    return SimpleNamespace(
        height=layout.rows,
        width=columns,
        fields=fields,
        is_bigendian=layout.big_endian,
        point_step=table.shape[1],
        row_step=rows.shape[1],
        data=rows.tobytes(),
        is_dense=True,
    )


def xyz_columns(xyz: NDArray[Any], code: str = "f4") -> list[tuple[str, str, NDArray[Any]]]:
    return [(name, code, xyz[:, axis]) for axis, name in enumerate(XYZ)]


def some_xyz(points: int = 12) -> NDArray[np.float32]:
    return np.random.default_rng(7).normal(0, 10, (points, 3)).astype(np.float32)


@st.composite
def layouts(draw: st.DrawFn) -> tuple[Layout, NDArray[np.float32], NDArray[np.float32] | None]:
    rows = draw(st.sampled_from((1, 1, 2, 5)))
    points = rows * draw(st.integers(1, 9))
    generator = np.random.default_rng(draw(st.integers(0, 2**32)))
    xyz = generator.normal(0, 30, (points, 3)).astype(np.float32)
    xyz[generator.random((points, 3)) < draw(st.sampled_from((0.0, 0.1, 1.0)))] = draw(
        st.sampled_from((np.nan, np.inf, -np.inf))
    )
    code = draw(st.sampled_from(("f4", "f8")))
    columns = xyz_columns(xyz, code)
    intensity = None
    if draw(st.booleans()):
        intensity_code = draw(st.sampled_from(sorted(CODES)))
        intensity = generator.integers(0, 100, points).astype(np.float32)
        columns.append(("intensity", intensity_code, intensity))
    for name in draw(st.lists(st.sampled_from(("ring", "t", "normal", "", "x_error")), max_size=3)):
        width = draw(st.integers(1, 3))
        columns.append((name, draw(st.sampled_from(sorted(CODES))), generator.integers(0, 100, (points, width))))
    columns = draw(st.permutations(columns))
    layout = Layout(
        columns,
        gaps=[draw(st.integers(0, 7)) for _ in columns],
        trailing=draw(st.integers(0, 9)),
        rows=rows,
        row_padding=draw(st.integers(0, 40)),
        big_endian=draw(st.booleans()),
    )
    return layout, xyz, intensity


@given(layouts())
@settings(max_examples=100, deadline=None)
def test_every_layout_gives_its_finite_points_back(case: Any) -> None:
    layout, xyz, intensity = case
    cloud = points_from_cloud(packed(layout))
    finite = np.isfinite(xyz).all(axis=1)
    np.testing.assert_array_equal(cloud.xyz_N3, xyz[finite])
    assert cloud.xyz_N3.dtype == np.float32
    assert cloud.xyz_N3.flags.c_contiguous
    assert cloud.rgb_N3 is None
    if intensity is None:
        assert cloud.intensity_N is None
    else:
        np.testing.assert_array_equal(cloud.intensity_N, intensity[finite])


FIELD_CHANGES = ("name", "offset", "datatype", "count")
MESSAGE_CHANGES = ("height", "width", "point_step", "row_step")


@given(layouts(), st.data())
@settings(max_examples=100, deadline=None)
def test_a_malformed_cloud_is_refused_or_read_within_its_bytes(case: Any, data: st.DataObject) -> None:
    message = packed(case[0])
    numbers = st.one_of(st.integers(-2, 40), st.sampled_from((2**16, 2**31, 2**32 - 1)))
    for _ in range(data.draw(st.integers(1, 3))):
        change = data.draw(st.sampled_from((*FIELD_CHANGES, *MESSAGE_CHANGES, "data", "drop a field", "is_bigendian")))
        if change == "data":
            message.data = message.data[: data.draw(st.integers(0, len(message.data)))]
        elif change == "is_bigendian":
            message.is_bigendian = not message.is_bigendian
        elif change == "drop a field" and message.fields:
            message.fields.pop(data.draw(st.integers(0, len(message.fields) - 1)))
        elif change in FIELD_CHANGES and message.fields:
            broken = data.draw(st.sampled_from(message.fields))
            setattr(broken, change, data.draw(st.sampled_from(("x", "rgb", "w")) if change == "name" else numbers))
        elif change in MESSAGE_CHANGES:
            setattr(message, change, data.draw(numbers))
    try:
        cloud = points_from_cloud(message)
    except MessageError:
        return
    assert np.isfinite(cloud.xyz_N3).all()
    assert len(cloud) <= max(0, message.height * message.width)
    assert len(cloud) * 12 <= len(message.data)


def test_row_padding_is_skipped() -> None:
    xyz = some_xyz(12)
    cloud = points_from_cloud(packed(Layout(xyz_columns(xyz), rows=3, row_padding=4)))
    np.testing.assert_array_equal(cloud.xyz_N3, xyz)


def test_a_last_row_may_end_without_its_padding() -> None:
    xyz = some_xyz(12)
    message = packed(Layout(xyz_columns(xyz), rows=3, row_padding=4))
    message.data = message.data[:-4]
    np.testing.assert_array_equal(points_from_cloud(message).xyz_N3, xyz)


def test_one_row_needs_no_row_step() -> None:
    xyz = some_xyz()
    message = packed(Layout(xyz_columns(xyz)))
    message.row_step = 0
    np.testing.assert_array_equal(points_from_cloud(message).xyz_N3, xyz)


def test_big_endian_data_is_read_twice_alike_and_left_as_it_is() -> None:
    xyz = some_xyz()
    message = packed(Layout(xyz_columns(xyz), big_endian=True))
    message.data = bytearray(message.data)
    before = bytes(message.data)
    for _ in range(2):
        np.testing.assert_array_equal(points_from_cloud(message).xyz_N3, xyz)
    assert bytes(message.data) == before


def test_doubles_beyond_single_precision_are_dropped_as_infinite() -> None:
    xyz = some_xyz(3).astype(np.float64)
    xyz[1, 2] = 1e300
    cloud = points_from_cloud(packed(Layout(xyz_columns(xyz, "f8"))))
    np.testing.assert_array_equal(cloud.xyz_N3, xyz[[0, 2]].astype(np.float32))


@pytest.mark.parametrize("big_endian", [False, True])
@pytest.mark.parametrize(
    ("name", "code"), [("rgb", "f4"), ("rgb", "u4"), ("rgba", "u4"), ("rgba", "f4"), ("rgb", "i4")]
)
def test_packed_colours(name: str, code: str, big_endian: bool) -> None:
    bits = np.array([0xFFFF8000, 0x000000FF, 0x7FC01020], np.uint32)  # the last is a NaN when read as a number
    order = ">" if big_endian else "<"
    raw = bits.astype(f"{order}u4").tobytes()
    message = packed(Layout([*xyz_columns(some_xyz(3)), ("space", "u4", np.zeros(3))], big_endian=big_endian))
    table = bytearray(message.data)
    for row in range(3):
        table[row * 16 + 12 : row * 16 + 16] = raw[row * 4 : row * 4 + 4]
    message.data = bytes(table)
    message.fields[3].name, message.fields[3].datatype = name, CODES[code]
    rgb = points_from_cloud(message).rgb_N3
    assert rgb is not None
    assert rgb.dtype == np.float32
    np.testing.assert_allclose(rgb * 255, [[255, 128, 0], [0, 0, 255], [192, 16, 32]], atol=1e-4)


@pytest.mark.parametrize(("code", "largest"), [("u1", 255), ("u2", 65535), ("f4", 1.0), ("f8", 1.0)])
def test_separate_colours(code: str, largest: float) -> None:
    colours = np.array([[0.0, 0.2, 1.0], [1.0, 0.4, 0.6]])
    columns = [(name, code, colours[:, channel] * largest) for channel, name in enumerate("rgb")]
    xyz = some_xyz(3)
    xyz[1] = np.nan
    message = packed(Layout([*((n, c, np.insert(v, 1, 0)) for n, c, v in columns), *xyz_columns(xyz)]))
    rgb = points_from_cloud(message).rgb_N3
    assert rgb is not None
    np.testing.assert_allclose(rgb, colours, atol=1e-6)


def test_floating_point_colours_of_another_scale_are_refused() -> None:
    columns = [(name, "f4", np.array([10.0, 200.0])) for name in "rgb"]
    with pytest.raises(MessageError, match="outside"):
        points_from_cloud(packed(Layout([*xyz_columns(some_xyz(2)), *columns])))


@pytest.mark.parametrize("width", [0, 5])
def test_an_empty_cloud_is_no_error(width: int) -> None:
    message = packed(Layout(xyz_columns(some_xyz(1))))
    message.height, message.width, message.data, message.row_step = 0, width, b"", 0
    cloud = points_from_cloud(message)
    assert cloud.xyz_N3.shape == (0, 3)
    assert len(cloud) == 0


def test_a_cloud_of_nan_is_empty() -> None:
    assert len(points_from_cloud(packed(Layout(xyz_columns(np.full((4, 3), np.nan)))))) == 0


def _set(message: Any, **changes: Any) -> Any:
    for name, value in changes.items():
        setattr(message, name, value)
    return message


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda m: m.fields.pop(2), "x, y and z"),
        (lambda m: m.fields.clear(), "fields: none"),
        (lambda m: _set(m.fields[0], datatype=5), "x, y and z"),
        (lambda m: _set(m.fields[0], count=2), "x, y and z"),
        (lambda m: _set(m.fields[1], name="x"), "twice"),
        (lambda m: _set(m.fields[1], offset=2), "overlap"),
        (lambda m: _set(m.fields[2], datatype=9), "unknown datatype 9"),
        (lambda m: _set(m.fields[2], offset=10), "point_step 12 ends before"),
        (lambda m: _set(m, point_step=8), "point_step 8 ends before"),
        (lambda m: _set(m, point_step=0), "point_step 0 ends before"),
        (lambda m: _set(m, data=m.data[:-1]), "bytes of data"),
        (lambda m: _set(m, data=m.data + b"0"), "bytes of data"),
        (lambda m: _set(m, width=11, row_step=132), "bytes of data"),
        (lambda m: _set(m, width=13), "row_step"),
        (lambda m: _set(m, height=2), "bytes of data"),
        (lambda m: _set(m, width=0), "for 0 points"),
        (lambda m: _set(m, width=2**32 - 1, height=2**32 - 1), "at most"),
        (lambda m: _set(m, width=MAX_POINTS + 1), "at most"),
        (lambda m: _set(m, height=-1), "negative"),
        (lambda m: _set(m, data="text"), "not a PointCloud2"),
        (lambda m: _set(m, fields=None), "not a PointCloud2"),
        (lambda m: delattr(m, "point_step"), "not a PointCloud2"),
    ],
)
def test_a_cloud_that_contradicts_itself_is_refused_with_a_remedy(change: Any, complaint: str) -> None:
    message = packed(Layout(xyz_columns(some_xyz())))
    change(message)
    with pytest.raises(MessageError, match=complaint) as refusal:
        points_from_cloud(message)
    assert refusal.value.remedy


def _ros_message(source: Any) -> Any:
    messages = pytest.importorskip("sensor_msgs.msg", reason="sensor_msgs is not installed")
    message = messages.PointCloud2()
    for name in ("height", "width", "is_bigendian", "point_step", "row_step", "is_dense"):
        setattr(message, name, getattr(source, name))
    message.fields = [messages.PointField(**vars(entry)) for entry in source.fields]
    message.data = source.data
    return message


def test_a_message_of_rclpy_gives_the_same_arrays() -> None:
    xyz = some_xyz()
    message = _ros_message(packed(Layout([("ring", "u2", np.arange(12)), *xyz_columns(xyz)], gaps=[0, 3, 0, 0])))
    np.testing.assert_array_equal(points_from_cloud(message).xyz_N3, xyz)


def test_sensor_msgs_py_reads_the_same_arrays() -> None:
    reference = pytest.importorskip("sensor_msgs_py.point_cloud2", reason="sensor_msgs_py comes with a ROS host only")
    xyz = some_xyz(40)
    xyz[::7] = np.nan
    columns = [("intensity", "u1", np.arange(40)), *xyz_columns(xyz), ("time", "f8", np.arange(40))]
    message = _ros_message(packed(Layout(columns, gaps=[2, 1, 0, 4, 0], trailing=3, rows=4)))
    message.is_dense = False
    expected = reference.read_points(message, field_names=["x", "y", "z", "intensity"], skip_nans=True)
    cloud = points_from_cloud(message)
    np.testing.assert_array_equal(cloud.xyz_N3, np.stack([expected[name] for name in XYZ], axis=1))
    np.testing.assert_array_equal(cloud.intensity_N, expected["intensity"].astype(np.float32))


def test_pypcd4_reads_the_same_arrays() -> None:
    pypcd4 = pytest.importorskip("pypcd4", reason="pypcd4 is not installed")
    xyz = some_xyz(40)
    columns = [("ring", "u2", np.arange(40)), *xyz_columns(xyz), ("intensity", "f4", np.arange(40))]
    message = _ros_message(packed(Layout(columns, gaps=[2, 1, 0, 4, 0], trailing=3)))
    cloud = points_from_cloud(message)
    np.testing.assert_array_equal(cloud.xyz_N3, pypcd4.PointCloud.from_msg(message).numpy(XYZ))


def _repacked(file: Path) -> Any:
    """A binary PCD file as the message it was recorded from: the same bytes, its header's fields as PointFields."""
    header, _, body = file.read_bytes().partition(b"DATA binary\n")
    entries = {line.split()[0]: line.split()[1:] for line in header.decode().splitlines() if line[:1] != "#"}
    offset, fields = 0, []
    for name, size, kind, count in zip(*(entries[key] for key in ("FIELDS", "SIZE", "TYPE", "COUNT")), strict=True):
        code = CODES[f"{kind.lower()}{size}"]
        fields.append(SimpleNamespace(name=name, offset=offset, datatype=code, count=int(count)))
        offset += int(size) * int(count)
    width, height = int(entries["WIDTH"][0]), int(entries["HEIGHT"][0])
    return SimpleNamespace(
        height=height,
        width=width,
        fields=fields,
        is_bigendian=False,
        point_step=offset,
        row_step=offset * width,
        data=body[: offset * width * height],
        is_dense=True,
    )


def test_sweeps_of_real_sensors_read_as_pypcd4_reads_their_files(recordings: Path) -> None:
    pypcd4 = pytest.importorskip("pypcd4", reason="pypcd4 is not installed")
    files = sorted((recordings / "lidar" / "nebula").rglob("*.pcd"))
    if not files:
        pytest.skip(f"no PCD files in {recordings / 'lidar' / 'nebula'}")
    for file in files:
        cloud = points_from_cloud(_repacked(file))
        expected = pypcd4.PointCloud.from_path(file)
        xyz = expected.numpy(XYZ)
        np.testing.assert_array_equal(cloud.xyz_N3, xyz[np.isfinite(xyz).all(axis=1)])
        assert (cloud.intensity_N is not None) == ("intensity" in expected.fields)
        assert 0.1 < np.median(np.linalg.norm(cloud.xyz_N3, axis=1)) < 100
