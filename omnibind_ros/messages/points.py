"""`sensor_msgs/PointCloud2` of any layout to arrays.

The fields are read where they lie, with one strided NumPy view each, on a ROS host and without ROS alike.
`sensor_msgs_py` and `pypcd4` give the same arrays for plain clouds, but ignore the padding of `row_step`; of big-endian
data the former reverses the bytes in the message itself, and the latter returns wrong numbers.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omnibind_ros.errors import MessageError

MAX_POINTS = 10_000_000

_NUMPY_CODES = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 8: "f8"}  # PointField.INT8 … FLOAT64
_FIX_DRIVER = "correct the driver, or convert the cloud before this node"


@dataclass(frozen=True, slots=True, eq=False)
class PointCloud:
    """The finite points of a cloud, in the order and the frame of the message.

    xyz_N3: (N, 3) float32, metres. rgb_N3: (N, 3) float32 in [0, 1], or None where the sensor sees no colour.
    intensity_N: (N,) float32 in the sensor's own unit, or None.
    """

    xyz_N3: NDArray[np.float32]
    rgb_N3: NDArray[np.float32] | None = None
    intensity_N: NDArray[np.float32] | None = None

    def __len__(self) -> int:
        return len(self.xyz_N3)


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    offset: int
    dtype: np.dtype[np.generic]
    count: int

    @property
    def end(self) -> int:
        return self.offset + self.dtype.itemsize * self.count


class _Table:
    """A validated cloud's bytes, read column by column without copying."""

    def __init__(self, message: Any) -> None:
        try:
            self.rows, self.columns = int(message.height), int(message.width)
            self._point_step, self._row_step = int(message.point_step), int(message.row_step)
            big_endian = bool(message.is_bigendian)
            fields = [_field(field, ">" if big_endian else "<") for field in message.fields]
            self._bytes = np.frombuffer(message.data, np.uint8)
        except (AttributeError, TypeError, ValueError) as error:
            raise MessageError(f"not a PointCloud2: {error}", remedy="check the topic's message type") from error
        if min(self.rows, self.columns, self._point_step, self._row_step) < 0:
            raise MessageError("negative height, width, point_step or row_step", remedy=_FIX_DRIVER)
        self.fields = {field.name: field for field in fields}
        for name in ("x", "y", "z"):
            if sum(field.name == name for field in fields) > 1:
                raise MessageError(f"the field {name} is there twice", remedy=_FIX_DRIVER)
        self._check_size(max((field.end for field in fields), default=0))

    def _check_size(self, fields_end: int) -> None:
        points = self.rows * self.columns
        if points > MAX_POINTS:
            raise MessageError(f"{points} points, at most {MAX_POINTS} are accepted", remedy="crop or thin the cloud")
        if not points:
            if self._bytes.size:
                raise MessageError(f"{self._bytes.size} bytes of data for 0 points", remedy=_FIX_DRIVER)
            return
        if self._point_step < fields_end:
            raise MessageError(
                f"point_step {self._point_step} ends before the last field, at byte {fields_end}", remedy=_FIX_DRIVER
            )
        row_bytes = self.columns * self._point_step
        if self.rows == 1 and self._bytes.size == row_bytes:
            self._row_step = row_bytes  # a single row needs no row_step, and drivers often leave it 0
        if self._row_step < row_bytes:
            raise MessageError(
                f"row_step {self._row_step} is less than width {self.columns} * point_step {self._point_step}",
                remedy=_FIX_DRIVER,
            )
        needed = self._row_step * (self.rows - 1) + row_bytes
        if self._bytes.size not in (needed, self._row_step * self.rows):
            raise MessageError(
                f"{self._bytes.size} bytes of data, {self.rows} rows of {self._row_step} bytes were announced",
                remedy="the message was cut off, or the driver announces a wrong width, height or row_step",
            )

    def column(self, field: _Field, dtype: np.dtype[np.generic] | None = None) -> NDArray[Any]:
        """View (rows, columns) of a field's first element, as another type of the same size if asked."""
        view: NDArray[Any] = np.ndarray(
            (self.rows, self.columns),
            dtype or field.dtype,
            buffer=self._bytes,
            offset=field.offset,
            strides=(self._row_step, self._point_step),
        )
        return view

    def scalar(self, name: str, kinds: str) -> _Field | None:
        """The field of that name if it holds one number of one of those NumPy kinds, else None."""
        field = self.fields.get(name)
        return field if field is not None and field.count == 1 and field.dtype.kind in kinds else None


def points_from_cloud(message: Any) -> PointCloud:
    """Decode a `sensor_msgs/PointCloud2`: any order, offset, padding, byte order, organised or not.

    Points with a NaN or infinite coordinate are dropped, whatever `is_dense` says. Colour is read from `rgb` or `rgba`
    packed as 0xAARRGGBB in 32 bits, else from `r`, `g`, `b` (uint8, uint16, or floating point in [0, 1]); `intensity`
    from any datatype. Other fields are ignored. float64 coordinates become float32, so a cloud should be in a sensor's
    or robot's frame and not in a map's of large coordinates. An empty cloud is no error.

    Raises MessageError: no numeric x, y and z, unknown datatype, sizes that contradict each other, too many points.
    """
    table = _Table(message)
    count = table.rows * table.columns
    if not count:
        return PointCloud(np.empty((0, 3), np.float32))
    coordinates = _coordinates(table)
    xyz_N3 = np.empty((count, 3), np.float32)
    xyz_HW3 = xyz_N3.reshape(table.rows, table.columns, 3)
    with np.errstate(over="ignore", invalid="ignore"):  # float64 beyond float32 becomes infinite, and is dropped
        for axis, field in enumerate(coordinates):
            xyz_HW3[..., axis] = table.column(field)
    kept = None
    if not np.isfinite(xyz_N3).all():
        kept = np.flatnonzero(np.isfinite(xyz_N3[:, 0]) & np.isfinite(xyz_N3[:, 1]) & np.isfinite(xyz_N3[:, 2]))
        xyz_N3 = xyz_N3.take(kept, axis=0)
    return PointCloud(xyz_N3, _colours(table, kept), _intensities(table, kept))


def _field(field: Any, byte_order: str) -> _Field:
    name, offset, datatype, count = str(field.name), int(field.offset), int(field.datatype), int(field.count)
    if datatype not in _NUMPY_CODES:
        raise MessageError(f"the field {name} has the unknown datatype {datatype}", remedy=_FIX_DRIVER)
    if offset < 0 or count < 0:
        raise MessageError(f"the field {name} has a negative offset or count", remedy=_FIX_DRIVER)
    # 0 stands for 1 in clouds of old PCL versions
    return _Field(name, offset, np.dtype(byte_order + _NUMPY_CODES[datatype]), count or 1)


def _coordinates(table: _Table) -> list[_Field]:
    found = [table.scalar(name, "f") for name in ("x", "y", "z")]
    coordinates = [field for field in found if field is not None]
    if len(coordinates) < 3:
        present = ", ".join(f"{field.name}:{field.dtype.name}[{field.count}]" for field in table.fields.values())
        raise MessageError(
            f"x, y and z are not all there as float32 or float64 (fields: {present or 'none'})",
            remedy="use the driver's cartesian cloud, not polar, raw or integer data",
        )
    for first, second in ((0, 1), (1, 2), (0, 2)):
        if coordinates[first].offset < coordinates[second].end and coordinates[second].offset < coordinates[first].end:
            raise MessageError("x, y and z overlap", remedy=_FIX_DRIVER)
    return coordinates


def _chosen(column: NDArray[Any], kept: NDArray[np.intp] | None) -> NDArray[Any]:
    return column.reshape(-1) if kept is None else column.reshape(-1)[kept]


def _intensities(table: _Table, kept: NDArray[np.intp] | None) -> NDArray[np.float32] | None:
    field = table.scalar("intensity", "iuf")
    if field is None:
        return None
    with np.errstate(over="ignore", invalid="ignore"):
        return _chosen(table.column(field), kept).astype(np.float32)


def _colours(table: _Table, kept: NDArray[np.intp] | None) -> NDArray[np.float32] | None:
    for name in ("rgb", "rgba"):
        packed = table.scalar(name, "iuf")
        if packed is not None and packed.dtype.itemsize == 4:
            # bytes of the pixel by their place in memory: blue, green, red, alpha in little-endian clouds
            places = (1, 2, 3) if packed.dtype.str[0] == ">" else (2, 1, 0)
            byte = np.dtype(np.uint8)
            channels = [_Field(name, packed.offset + place, byte, 1) for place in places]
            return _stacked(table, channels, kept, 255.0)
    separate = [field for name in ("r", "g", "b") if (field := table.scalar(name, "uf")) is not None]
    if len(separate) < 3 or len({field.dtype for field in separate}) > 1:
        return None
    dtype = separate[0].dtype
    if dtype.kind == "u":
        return _stacked(table, separate, kept, float(np.iinfo(dtype.newbyteorder("=")).max))
    rgb_N3 = _stacked(table, separate, kept, 1.0)
    if not ((rgb_N3 >= 0) & (rgb_N3 <= 1)).all():
        raise MessageError(
            "floating-point r, g, b outside [0, 1]", remedy="publish colour in [0, 1], as uint8, or packed as rgb"
        )
    return rgb_N3


def _stacked(
    table: _Table, channels: list[_Field], kept: NDArray[np.intp] | None, largest: float
) -> NDArray[np.float32]:
    columns = [_chosen(table.column(field), kept) for field in channels]
    rgb_N3 = np.empty((len(columns[0]), 3), np.float32)
    for channel, column in enumerate(columns):
        rgb_N3[:, channel] = column
    rgb_N3 /= np.float32(largest)
    return rgb_N3
