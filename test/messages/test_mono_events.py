import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omnibind_ros.errors import MessageError
from omnibind_ros.messages.mono_events import decode_mono

WIDTH, HEIGHT = 320, 240
events = st.lists(
    st.tuples(st.integers(0, WIDTH + 5), st.integers(0, HEIGHT + 5), st.integers(0, 2**32 - 1), st.booleans()),
    max_size=50,
)


def packet(recorded: list[tuple[int, int, int, bool]], byte_order: str = "<") -> np.ndarray:
    words = [p << 63 | y << 48 | x << 32 | after_ns for x, y, after_ns, p in recorded]
    return np.array(words, np.uint64).astype(f"{byte_order}u8").view(np.uint8)


@given(events, st.integers(0, 2**61), st.sampled_from(["<", ">"]))
@settings(max_examples=100, deadline=None)
def test_every_event_inside_the_sensor_arrives(
    recorded: list[tuple[int, int, int, bool]], time_base_ns: int, byte_order: str
) -> None:
    recorded.sort(key=lambda event: event[2])
    decoded = decode_mono(
        packet(recorded, byte_order),
        is_bigendian=byte_order == ">",
        time_base_ns=time_base_ns,
        width=WIDTH,
        height=HEIGHT,
    )
    inside = [event for event in recorded if event[0] < WIDTH and event[1] < HEIGHT]
    assert list(zip(decoded.x.tolist(), decoded.y.tolist(), decoded.p.tolist(), strict=True)) == [
        (x, y, p) for x, y, _, p in inside
    ]
    assert decoded.t_us.tolist() == [(time_base_ns + after_ns) // 1000 for _, _, after_ns, _ in inside]
    assert decoded.dropped == len(recorded) - len(inside)


@given(st.binary(max_size=200), st.integers(-5, 2**64))
@settings(max_examples=100, deadline=None)
def test_garbage_gives_sound_events_or_a_message_error(data: bytes, time_base_ns: int) -> None:
    try:
        decoded = decode_mono(
            np.frombuffer(data, np.uint8), is_bigendian=False, time_base_ns=time_base_ns, width=WIDTH, height=HEIGHT
        )
    except MessageError:
        return
    assert len(decoded) + decoded.dropped == len(data) // 8


def test_times_that_run_backwards_are_refused() -> None:
    with pytest.raises(MessageError, match="backwards"):
        decode_mono(
            packet([(1, 1, 9000, True), (1, 1, 0, True)]), is_bigendian=False, time_base_ns=0, width=4, height=4
        )
