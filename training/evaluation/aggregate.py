"""Several runs of one thing, usually three seeds, as mean and spread."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np


def aggregate(results: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The same tree with `{"mean", "spread", "values"}` for every number that all runs have.

    spread: standard deviation over the runs (n - 1), 0 for one run. Numbers that are the same in all runs stay as they
    are when they are counts (int); texts stay where all runs agree and are lists of what each run says elsewhere.
    Raises ValueError for no runs.
    """
    if not results:
        raise ValueError("there are no results to aggregate")
    return {key: _merge([run[key] for run in results]) for key in _common_keys(results)}


def is_measured(value: Any) -> bool:
    """Whether a value is the mean and spread of several runs."""
    return isinstance(value, Mapping) and set(value) == {"mean", "spread", "values"}


def _common_keys(mappings: Sequence[Mapping[str, Any]]) -> list[str]:
    return [key for key in mappings[0] if all(key in other for other in mappings)]


def _merge(values: Sequence[Any]) -> Any:
    first = values[0]
    if all(isinstance(value, Mapping) for value in values):
        return {key: _merge([value[key] for value in values]) for key in _common_keys(values)}
    if all(isinstance(value, int) for value in values) and len(set(values)) == 1:
        return first
    if all(isinstance(value, int | float) for value in values):
        numbers = [float(value) for value in values]
        spread = float(np.std(numbers, ddof=1)) if len(numbers) > 1 else 0.0
        return {"mean": float(np.mean(numbers)), "spread": spread, "values": numbers}
    if all(value == first for value in values):
        return first
    return list(values)
