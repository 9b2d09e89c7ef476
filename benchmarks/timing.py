"""CPU time of two ways to do the same, taken in turns, and the rows that say how they compare.

CPU time of the whole process, so that other programs on the machine do not count and a hidden second thread does.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

Action = Callable[[], object]
Row = dict[str, Any]

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
    """Measure each case for about so many seconds; two rows a case, for the median and the 95th percentile."""
    return [row for comparison in comparisons for row in _measured(comparison, seconds)]


def _measured(comparison: Comparison, seconds: float) -> Iterable[Row]:
    goal = None if callable(comparison.other) else comparison.other
    actions = (comparison.run, comparison.other) if callable(comparison.other) else (comparison.run,)
    own_s, *other_s = _in_turns(actions, seconds)
    for name, percentile in _QUANTILES.items():
        value, unit = _in_unit(float(np.percentile(own_s, percentile)), comparison)
        if goal is None:
            other, _ = _in_unit(float(np.percentile(other_s[0], percentile)), comparison)
            reference = f"{comparison.reference}: {_rounded(other):g}"
        else:
            other, reference = goal, comparison.reference
        better = value / other if comparison.million_events else other / value
        yield {
            "case": f"{comparison.case}, {name}",
            "value": _rounded(value),
            "unit": unit,
            "reference": reference,
            "ratio": _rounded(better),
        }


def _in_turns(actions: tuple[Action, ...], seconds: float) -> list[list[float]]:
    """CPU seconds of every run of each action, after one run that is not counted."""
    for action in actions:
        action()
    taken: list[list[float]] = [[] for _ in actions]
    deadline = time.monotonic() + seconds
    while len(taken[0]) < _FEWEST_ROUNDS or (len(taken[0]) < _MOST_ROUNDS and time.monotonic() < deadline):
        for action, times in zip(actions, taken, strict=True):
            start = time.process_time()
            action()
            times.append(time.process_time() - start)
    return taken


def _in_unit(seconds: float, comparison: Comparison) -> tuple[float, str]:
    if comparison.million_events is not None:
        return comparison.million_events / seconds, "million events/s"
    return seconds * 1e3, "ms"


def _rounded(number: float) -> float:
    """Three significant digits: what a measurement like this is worth."""
    return float(f"{number:.3g}")
