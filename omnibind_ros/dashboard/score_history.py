"""The scores of the labels over the last minute."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

WINDOW_S = 60.0
# At the highest rate of recognitions a window would hold a thousand times more than a chart can show.
_SMALLEST_STEP_S = 0.1


@dataclass(frozen=True, slots=True)
class Point:
    """The scores of one recognition. number: running from 1."""

    number: int
    time_s: float
    scores: Mapping[str, float]


class ScoreHistory:
    """Holds the recognitions of the last `WINDOW_S`, ten a second at most."""

    def __init__(self) -> None:
        self._points: deque[Point] = deque()
        self._number = 0

    def add(self, time_s: float, scores: Mapping[str, float]) -> None:
        """A recognition came in; left out when it comes too soon after the last."""
        if self._points and time_s - self._points[-1].time_s < _SMALLEST_STEP_S / 2:
            return
        self._number += 1
        self._points.append(Point(self._number, time_s, dict(scores)))
        self._forget_before(time_s - WINDOW_S)

    def after(self, number: int, now_s: float) -> Sequence[Point]:
        """The points that came after the one with this number, oldest first; those that are too old are left out."""
        self._forget_before(now_s - WINDOW_S)
        return [point for point in self._points if point.number > number]

    def _forget_before(self, time_s: float) -> None:
        while self._points and self._points[0].time_s < time_s:
            self._points.popleft()
