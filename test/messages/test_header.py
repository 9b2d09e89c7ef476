from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnibind_ros.messages.header import NANOSECONDS, frame_of, set_header, stamp_ns_of


def empty_message() -> SimpleNamespace:
    return SimpleNamespace(header=SimpleNamespace(stamp=SimpleNamespace(sec=0, nanosec=0), frame_id=""))


@given(stamp_ns=st.integers(-(2**31) * NANOSECONDS, 2**31 * NANOSECONDS - 1).filter(bool))
def test_a_stamp_survives_the_way_into_a_message_and_back(stamp_ns: int) -> None:
    message = empty_message()
    set_header(message, stamp_ns, "camera_link")
    assert stamp_ns_of(message) == stamp_ns
    assert frame_of(message) == "camera_link"
    assert 0 <= message.header.stamp.nanosec < NANOSECONDS
    assert -(2**31) <= message.header.stamp.sec < 2**31


@pytest.mark.parametrize("message", [SimpleNamespace(data=b""), empty_message()], ids=["no header", "stamp zero"])
def test_a_message_without_a_time_has_no_stamp_and_no_frame(message: SimpleNamespace) -> None:
    assert stamp_ns_of(message) is None
    assert frame_of(message) == ""
