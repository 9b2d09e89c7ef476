import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from omnibind_ros.messages.event_array import Events
from omnibind_ros.preprocessing.event_window import EventWindow, newest


def events_at(times_us: list[int], width: int = 8) -> Events:
    number = len(times_us)
    x = (np.arange(number) % width).astype(np.uint16)
    return Events(x, x % 4, np.array(times_us, np.int64), x % 2 == 0, width, 4)


def test_the_newest_are_cut_by_time_and_by_number() -> None:
    events = events_at([0, 10, 20, 30, 40])
    assert newest(events, end_us=40, duration_us=20, count=9).t_us.tolist() == [30, 40]
    assert newest(events, end_us=40, duration_us=100, count=3).t_us.tolist() == [20, 30, 40]
    assert newest(events, end_us=25, duration_us=10, count=9).t_us.tolist() == [20]
    assert len(newest(events, end_us=1000, duration_us=10, count=9)) == 0
    assert len(newest(events_at([]), end_us=0, duration_us=10, count=9)) == 0


@given(
    st.lists(st.lists(st.integers(0, 30), max_size=40), max_size=20),
    st.integers(1, 300),
    st.sampled_from([1, 7, 50, 100_000]),
)
@settings(max_examples=100, deadline=None)
def test_the_window_holds_what_a_full_recording_would_end_in(
    packets_of_steps: list[list[int]], duration_us: int, count: int
) -> None:
    window, seen, now = EventWindow(duration_us, count), [], 0
    for steps in packets_of_steps:
        times = (now + np.cumsum(steps)).astype(np.int64).tolist()
        now = times[-1] if times else now
        seen += times
        window.add(events_at(times))
        expected = [t for t in seen if t > now - duration_us][-count:]
        assert window.events().t_us.tolist() == expected
        assert len(window) == len(expected)


def test_all_columns_of_an_event_stay_together() -> None:
    window, random, now = EventWindow(10_000, 60_000), np.random.default_rng(0), 0
    for _ in range(40):
        number = int(random.integers(0, 30_000))
        t_us = now + np.sort(random.integers(0, 3_000, number))
        now += 3_000
        x = (t_us * 7 % 640).astype(np.uint16)
        window.add(Events(x, (x % 480).astype(np.uint16), t_us, x % 3 == 0, 640, 480))
    held = window.events()
    assert 0 < len(held) <= 60_000
    np.testing.assert_array_equal(held.x, held.t_us * 7 % 640)
    np.testing.assert_array_equal(held.y, held.x % 480)
    np.testing.assert_array_equal(held.p, held.x % 3 == 0)


def test_a_flood_takes_no_more_memory_than_the_window_s_limit() -> None:
    window = EventWindow(50_000, 100_000)
    for burst in range(20):
        window.add(events_at([burst] * 500_000))
    assert len(window) == 100_000
    assert window.events().t_us.base.nbytes <= 2 * 100_000 * 8


def test_another_sensor_size_or_a_clock_set_back_starts_anew() -> None:
    window = EventWindow(1_000, 100)
    window.add(events_at([500, 600]))
    window.add(events_at([700], width=16))
    assert (window.events().t_us.tolist(), window.events().width) == ([700], 16)
    window.add(events_at([5], width=16))
    assert window.events().t_us.tolist() == [5]
