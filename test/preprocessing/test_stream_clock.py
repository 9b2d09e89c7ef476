import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omnibind_ros.preprocessing.stream_clock import StreamClock

CHUNK_NS = 32_000_000
START_NS = 1_700_000_000_000_000_000


def test_the_first_chunk_starts_a_stream_at_its_stamp() -> None:
    clock = StreamClock(0.5)
    assert not clock.advance(START_NS, CHUNK_NS, stamped=True)
    assert clock.end_ns == pytest.approx(START_NS + CHUNK_NS, abs=1e3)
    clock = StreamClock(0.5)
    assert not clock.advance(START_NS, CHUNK_NS, stamped=False)
    assert clock.end_ns == pytest.approx(START_NS, abs=1e3)


@pytest.mark.parametrize("parts_per_million", [-2_000, -100, 100, 2_000])
@pytest.mark.parametrize("stamped", [True, False])
def test_a_drifting_clock_is_followed_for_hours_without_a_break(parts_per_million: int, stamped: bool) -> None:
    clock = StreamClock(0.5)
    period_ns = CHUNK_NS * (1 + parts_per_million * 1e-6)
    unbroken = [clock.advance(START_NS + round(i * period_ns), CHUNK_NS, stamped=stamped) for i in range(20_000)]
    assert all(unbroken[1:])
    last_end_ns = START_NS + 19_999 * period_ns + (CHUNK_NS if stamped else 0)
    assert clock.end_ns == pytest.approx(last_end_ns, abs=5e6)


@given(delays_ms=st.lists(st.floats(0.0, 400.0), min_size=2, max_size=60))
@settings(max_examples=50, deadline=None)
def test_late_receipt_is_no_gap_and_the_clock_never_runs_ahead_of_it(delays_ms: list[float]) -> None:
    clock = StreamClock(0.5)
    received_ns = START_NS
    for index, delay_ms in enumerate(delays_ms):
        recorded_ns = START_NS + (index + 1) * CHUNK_NS
        received_ns = max(received_ns, recorded_ns + int(delay_ms * 1e6))
        unbroken = clock.advance(received_ns, CHUNK_NS, stamped=False)
        assert unbroken or index == 0
        assert recorded_ns - 1e6 <= clock.end_ns <= received_ns + 1e6


@pytest.mark.parametrize("jump_s", [-3600.0, -0.6, 0.6, 3600.0])
@pytest.mark.parametrize("stamped", [True, False])
def test_a_jump_breaks_the_stream_once_and_starts_a_new_one_at_the_new_time(jump_s: float, stamped: bool) -> None:
    clock = StreamClock(0.5)
    stamps_ns = [START_NS + i * CHUNK_NS + (round(jump_s * 1e9) if i >= 10 else 0) for i in range(20)]
    unbroken = np.array([clock.advance(stamp_ns, CHUNK_NS, stamped=stamped) for stamp_ns in stamps_ns])
    np.testing.assert_array_equal(np.flatnonzero(~unbroken), [0, 10])
    assert clock.end_ns == pytest.approx(stamps_ns[-1] + (CHUNK_NS if stamped else 0), abs=1e6)
