"""A table on the wire: `sensor_msgs/PointCloud2` used as what it is, stamped rows of typed columns.

Little-endian, packed. A standard type: it can be recorded, and read with `sensor_msgs_py`.
"""

import array
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omnibind_ros.messages.header import set_header

Rows = NDArray[np.void]
# sensor_msgs/PointField datatypes
_DATATYPES = {np.dtype("u1"): 2, np.dtype("<i4"): 5, np.dtype("<u4"): 6, np.dtype("<f4"): 7}


def message_from_rows(rows: Rows, *, stamp_ns: int, frame_id: str) -> Any:
    """A `sensor_msgs/PointCloud2` for a structured array (N,) of packed little-endian columns."""
    from sensor_msgs.msg import PointCloud2, PointField  # noqa: PLC0415 (pure code must import without ROS)

    message = PointCloud2(
        height=1,
        width=len(rows),
        fields=[PointField(name=n, offset=o, datatype=t, count=c) for n, o, t, c in columns(rows.dtype)],
        is_bigendian=False,
        point_step=rows.itemsize,
        row_step=rows.nbytes,
        is_dense=True,
    )
    message.data = array.array("B", rows.tobytes())
    set_header(message, stamp_ns, frame_id)
    return message


def rows_from_message(message: Any, row_type: np.dtype[np.void]) -> Rows | None:
    """The rows (N,) of a table with exactly these columns; None for any other."""
    if (
        message.is_bigendian
        or message.height != 1
        or len(message.data) != message.width * row_type.itemsize
        or [(one.name, one.offset, one.datatype, one.count) for one in message.fields] != columns(row_type)
    ):
        return None
    return np.frombuffer(message.data, row_type)


def length_of(message: Any, column: str) -> int:
    """How many values a column has in each row; 0 when there is no such column."""
    return next((int(one.count) for one in message.fields if one.name == column), 0)


def columns(row_type: np.dtype[np.void]) -> list[tuple[str, int, int, int]]:
    """Name, offset, datatype and count of every column, as the fields of a `sensor_msgs/PointCloud2`."""
    found = []
    for name, (column_type, offset, *_) in (row_type.fields or {}).items():
        scalar, shape = column_type.subdtype or (column_type, (1,))
        found.append((name, offset, _DATATYPES[scalar], shape[0]))
    return found
