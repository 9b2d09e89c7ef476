"""For how much of the time a rate was kept."""

from collections.abc import Sequence

_COUNTED = 10
_TOLERANCE = 0.05


def kept_share(times_s: Sequence[float], start_s: float, end_s: float, rate_hz: float) -> float:
    """Share of the time from start to end in which the last ten events came at this rate, or 5 % below it, or faster.

    times_s: of the events, rising, also from before the start. The time before an event is kept if that event, too,
    is within the rate of the nine before it and the one before these; the time after the last event if it is no longer
    than a period.
    """
    longest_s = _COUNTED / (rate_hz * (1 - _TOLERANCE))
    kept_s = 0.0
    for index in range(1, len(times_s)):
        begin_s, now_s = max(times_s[index - 1], start_s), min(times_s[index], end_s)
        before = index - _COUNTED
        if now_s > begin_s and before >= 0 and times_s[index] - times_s[before] <= longest_s:
            kept_s += now_s - begin_s
    last_s = max([start_s, *(time_s for time_s in times_s if time_s <= end_s)])
    if not times_s or times_s[-1] <= end_s:
        tail_s = end_s - last_s
        kept_s += tail_s if tail_s <= longest_s / _COUNTED else 0.0
    return kept_s / (end_s - start_s)
