"""Times of several ways to do the same, taken in turns, and the rows that say how two of them compare.

Rows are of the CPU time of the whole process, so that other programs on the machine do not count and a hidden second
thread does.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.report import rounded
from benchmarks.result import Cell

Action = Callable[[], object]
Clock = Callable[[], float]
COLUMNS = ("case", "value", "unit", "reference", "ratio")
Row = tuple[Cell, ...]

_FEWEST_ROUNDS = 5
_MOST_ROUNDS = 500
_QUANTILES = {"median": 50, "p95": 95}


@dataclass(frozen=True, slots=True)
class Comparison:
    """One case: what is measured, and what with.

    reference: the name of the other way, and `other` that way; or of a goal, and `other` the goal as a number in the
    unit of the case. million_events: what one run works off, if the case is a rate in million events/s and not a time.
    """

    case: str
    run: Action
    reference: str
    other: Action | float
    million_events: float | None = None


def rows(comparisons: Iterable[Comparison], seconds: float) -> list[Row]:
    """Measure each case for about so many seconds: its median and its 95th percentile, a row each of `COLUMNS`."""
    return [row for comparison in comparisons for row in _measured(comparison, seconds)]


def _measured(comparison: Comparison, seconds: float) -> Iterable[Row]:
    goal = None if callable(comparison.other) else comparison.other
    actions = (comparison.run, comparison.other) if callable(comparison.other) else (comparison.run,)
    own_s, *other_s = in_turns(actions, seconds)
    for name, percentile in _QUANTILES.items():
        value, unit = _in_unit(float(np.percentile(own_s, percentile)), comparison)
        if goal is None:
            other, _ = _in_unit(float(np.percentile(other_s[0], percentile)), comparison)
            reference = f"{comparison.reference}: {rounded(other):g}"
        else:
            other, reference = goal, comparison.reference
        better = value / other if comparison.million_events else other / value
        yield f"{comparison.case}, {name}", rounded(value), unit, reference, rounded(better)


def in_turns(actions: Sequence[Action], seconds: float, clock: Clock = time.process_time) -> list[list[float]]:
    """Seconds of every run of each action, after one run that is not counted; `clock`: what tells them."""
    for action in actions:
        action()
    taken: list[list[float]] = [[] for _ in actions]
    deadline = time.monotonic() + seconds
    while len(taken[0]) < _FEWEST_ROUNDS or (len(taken[0]) < _MOST_ROUNDS and time.monotonic() < deadline):
        for action, times in zip(actions, taken, strict=True):
            start = clock()
            action()
            times.append(clock() - start)
    return taken


def _in_unit(seconds: float, comparison: Comparison) -> tuple[float, str]:
    if comparison.million_events is not None:
        return comparison.million_events / seconds, "million events/s"
    return seconds * 1e3, "ms"
