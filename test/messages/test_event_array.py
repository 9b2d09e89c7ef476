import numpy as np
import pytest

from omnibind_ros.errors import MessageError
from omnibind_ros.messages.event_array import Events


def make(x: list[int], t_us: list[int], width: int = 4, height: int = 4) -> Events:
    zeros = np.zeros(len(x), np.uint16)
    return Events(np.array(x, np.uint16), zeros, np.array(t_us, np.int64), np.ones(len(x), np.bool_), width, height)


def test_no_events_are_events_too() -> None:
    assert len(make([], [])) == 0


def test_a_range_keeps_the_sensor_size() -> None:
    part = make([0, 1, 2], [5, 6, 7])[1:]
    assert part.x.tolist() == [1, 2]
    assert (part.width, part.height) == (4, 4)


@pytest.mark.parametrize(
    ("x", "t_us", "width", "complaint"),
    [
        ([0, 4], [0, 1], 4, "outside"),
        ([0, 1], [1, 0], 4, "backwards"),
        ([0, 1], [0], 4, "t_us"),
        ([], [], 0, "0×4"),
        ([], [], 1 << 31, "pixels"),
    ],
)
def test_arrays_that_do_not_fit_together_are_refused(x: list[int], t_us: list[int], width: int, complaint: str) -> None:
    with pytest.raises(MessageError, match=complaint):
        make(x, t_us, width)


def test_an_array_of_another_dtype_is_refused() -> None:
    with pytest.raises(MessageError, match="p is int64"):
        Events(np.zeros(1, np.uint16), np.zeros(1, np.uint16), np.zeros(1, np.int64), np.zeros(1, np.int64), 4, 4)
