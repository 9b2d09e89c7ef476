import pytest

from benchmarks.seven_sensors.kept import kept_share


def beat(start_s: float, end_s: float, period_s: float) -> list[float]:
    return [start_s + number * period_s for number in range(round((end_s - start_s) / period_s) + 1)]


def test_a_steady_rate_is_kept_all_the_time() -> None:
    assert kept_share(beat(-2.0, 11.0, 0.1), 0.0, 10.0, 10.0) == pytest.approx(1.0)
    assert kept_share(beat(-2.0, 11.0, 0.05), 0.0, 10.0, 10.0) == pytest.approx(1.0), "faster is well, too"


def test_a_rate_a_little_too_low_is_never_kept() -> None:
    assert kept_share(beat(-2.0, 11.0, 0.12), 0.0, 10.0, 10.0) == 0.0


def test_five_percent_less_count_as_kept() -> None:
    assert kept_share(beat(-2.0, 11.0, 0.104), 0.0, 10.0, 10.0) == pytest.approx(1.0)


def test_a_pause_costs_itself_and_the_ten_events_after_it() -> None:
    times_s = [*beat(-2.0, 5.0, 0.1), *beat(6.0, 11.0, 0.1)]
    assert kept_share(times_s, 0.0, 10.0, 10.0) == pytest.approx(0.81, abs=0.011)


def test_silence_to_the_end_is_not_kept() -> None:
    assert kept_share(beat(-2.0, 5.0, 0.1), 0.0, 10.0, 10.0) == pytest.approx(0.5)
    assert kept_share([], 0.0, 10.0, 10.0) == 0.0
