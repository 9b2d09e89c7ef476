"""Pure measurements on what was heard from the robot. Times are monotonic seconds."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from statistics import median

from omnibind_ros.demo.record import Lane
from omnibind_ros.fusion.source_state import SourceState

# A healthy source that was not used for longer than this was lost.
LOST_AFTER_S = 1.0


def longest_gap_s(times_s: Iterable[float], start_s: float, end_s: float) -> float:
    """The longest time without an event from start to end."""
    marks = [start_s, *(time_s for time_s in times_s if start_s < time_s < end_s), end_s]
    return max(later - earlier for earlier, later in pairwise(marks))


def lost_sources(states: Mapping[str, Lane], healthy: Iterable[str], start_s: float, end_s: float) -> list[str]:
    """The sources that were not live for longer than a moment, or not at the end, though nothing was done to them."""
    return sorted(name for name in healthy if name not in states or _is_lost(states[name], start_s, end_s))


def _is_lost(states: Lane, start_s: float, end_s: float) -> bool:
    if states.at(end_s) != SourceState.LIVE:
        return True
    away_since_s: float | None = None
    for span in states.spans(end_s):
        if span.value == SourceState.LIVE:
            away_since_s = None
        elif away_since_s is None:
            away_since_s = max(span.start_s, start_s)
        if away_since_s is not None and span.end_s - away_since_s > LOST_AFTER_S:
            return True
    return False


def growth_percent(samples: Sequence[float]) -> float:
    """How much larger the last fifth of the samples is than the first, by their medians."""
    fifth = max(1, len(samples) // 5)
    before = median(samples[:fifth])
    return 100.0 * (median(samples[-fifth:]) - before) / before


def first_after(times_s: Iterable[float], after_s: float) -> float | None:
    """The first time later than another."""
    return next((time_s for time_s in times_s if time_s > after_s), None)
