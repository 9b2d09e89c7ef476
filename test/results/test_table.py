import array
from typing import Any

import numpy as np
import pytest

from omnibind_ros.results.table import length_of, message_from_rows, rows_from_message

messages = pytest.importorskip("sensor_msgs.msg", reason="needs sensor_msgs: run `make setup`")
ROW = np.dtype([("vector", "<f4", (3,)), ("code", "u1"), ("sec", "<i4"), ("space", "<u4")])


def make_rows(count: int = 2) -> Any:
    rows = np.zeros(count, ROW)
    rows["vector"] = np.arange(3 * count).reshape(count, 3)
    rows["sec"] = -1
    rows["space"] = 2**32 - 1
    return rows


def test_rows_survive_the_wire() -> None:
    message = message_from_rows(make_rows(), stamp_ns=3_000_000_004, frame_id="eye")
    received = rows_from_message(message, ROW)
    assert received is not None
    np.testing.assert_array_equal(received, make_rows())
    assert (message.header.stamp.sec, message.header.stamp.nanosec, message.header.frame_id) == (3, 4, "eye")
    assert (message.width, message.height, message.point_step, message.row_step) == (2, 1, 21, 42)


def test_how_long_a_column_is() -> None:
    message = message_from_rows(make_rows(), stamp_ns=0, frame_id="")
    assert (length_of(message, "vector"), length_of(message, "code"), length_of(message, "smell")) == (3, 1, 0)


def test_other_columns_are_refused() -> None:
    message = message_from_rows(make_rows(), stamp_ns=0, frame_id="")
    for other in (np.dtype(ROW.descr[:-1]), np.dtype([*ROW.descr[:-1], ("speed", "<f4")])):
        assert rows_from_message(message, other) is None
    message.data = array.array("B", message.data[:-1])
    assert rows_from_message(message, ROW) is None
