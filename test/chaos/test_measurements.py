import pytest

from chaos.measurements import first_after, growth_percent, longest_gap_s, lost_sources
from omnibind_ros.demo.record import Lane


@pytest.mark.parametrize(
    ("times_s", "longest_s"),
    [
        ([], 10.0),
        ([0.5, 1.0, 9.9], 8.9),
        ([4.0], 6.0),
        ([9.0], 9.0),
        ([-5.0, 5.0, 15.0], 5.0),
    ],
    ids=["nothing came", "in the middle", "at the end", "at the start", "outside does not count"],
)
def test_a_gap_is_measured_from_start_to_end(times_s: list[float], longest_s: float) -> None:
    assert longest_gap_s(times_s, 0.0, 10.0) == pytest.approx(longest_s)


@pytest.mark.parametrize(
    ("changes", "lost"),
    [
        ([(0.0, "live")], False),
        ([(0.0, "live"), (3.0, "stale"), (3.5, "live")], False),
        ([(0.0, "live"), (3.0, "stale"), (4.5, "live")], True),
        ([(0.0, "live"), (3.0, "stale"), (3.6, "waiting"), (4.2, "live")], True),
        ([(0.0, "live"), (9.8, "stale")], True),
        ([(-9.0, "absent"), (0.5, "live")], False),
        ([(0.0, "live"), (11.0, "absent")], False),
        ([], True),
    ],
    ids=["always", "a moment", "too long", "two states", "at the end", "before", "after", "never reported"],
)
def test_a_source_is_lost_that_was_away_for_longer_than_a_moment(changes: list[tuple[float, str]], lost: bool) -> None:
    states = {"camera": Lane(changes), "other": Lane([(0.0, "faulty")])}
    assert lost_sources(states, ["camera"], 0.0, 10.0) == (["camera"] if lost else [])


def test_a_source_that_was_never_reported_is_lost() -> None:
    assert lost_sources({}, ["camera"], 0.0, 10.0) == ["camera"]


def test_growth_compares_the_end_with_the_start_and_ignores_outliers() -> None:
    steady = [100.0] * 50
    assert growth_percent(steady) == 0.0
    assert growth_percent([*steady[:49], 900.0]) == 0.0
    assert growth_percent([100.0 + number for number in range(50)]) == pytest.approx(100.0 * 40.0 / 104.5)


def test_the_first_time_after_another() -> None:
    assert first_after([1.0, 2.0, 3.0], 1.5) == 2.0
    assert first_after([1.0], 1.0) is None
