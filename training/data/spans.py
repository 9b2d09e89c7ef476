"""What was in front of the sensors while a bag was recorded: spans of time with a label, from a CSV or YAML file."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.fusion.source_state import NANOSECONDS

_TOLD = ("caption", "group", "split")
_NEEDED = ("start", "end", "label")
_REMEDY = "give `start`, `end` and `label` in each, and `caption`, `group` and `split` where you like"
# Seconds since the start of a bag stay below it, ROS time has been above it since 2001.
_ROS_TIME_FROM_S = 1e9


@dataclass(frozen=True)
class Span:
    """A stretch of a bag. start_ns, end_ns: ROS time. group, split: as in the index, may be empty."""

    start_ns: int
    end_ns: int
    label: str
    caption: str = ""
    group: str = ""
    split: str = ""


def read_spans(file: Path, bag_start_ns: int, splits: Sequence[str]) -> list[Span]:
    """Spans of a file in the order of time; its times are seconds since the bag's start, or ROS time in seconds.

    Raises ConfigurationError that names the row and what is wrong with it.
    """
    spans = []
    for number, row in _rows(file):
        problem = _problem(row, splits)
        if problem:
            raise ConfigurationError(f"row {number}: {problem}", remedy=_REMEDY, source=str(file))
        start_ns, end_ns = (_ros_time_ns(float(row[name]), bag_start_ns) for name in ("start", "end"))
        told = {name: str(row.get(name) or "").strip() for name in _TOLD}
        spans.append((Span(start_ns, end_ns, str(row["label"]).strip(), **told), number))
    spans.sort(key=lambda one: one[0].start_ns)
    for (earlier, _), (later, number) in pairwise(spans):
        if later.start_ns < earlier.end_ns:
            raise ConfigurationError(
                f"row {number}: the span of `{later.label}` begins before that of `{earlier.label}` ends",
                remedy="give spans that do not overlap",
                source=str(file),
            )
    return [span for span, _ in spans]


def _rows(file: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Rows and their numbers: lines of a CSV file, the first being its heading, or entries of a YAML list."""
    try:
        text = file.read_text(encoding="utf-8")
        if file.suffix.lower() in {".yaml", ".yml"}:
            content = yaml.safe_load(text)
            if not isinstance(content, list) or not all(isinstance(row, dict) for row in content):
                raise ConfigurationError("it is no list of spans", remedy=_REMEDY, source=str(file))
            yield from enumerate(content, start=1)
        else:
            yield from enumerate(csv.DictReader(text.splitlines(), skipinitialspace=True), start=2)
    except (OSError, UnicodeDecodeError, yaml.YAMLError, csv.Error) as error:
        raise ConfigurationError(f"it cannot be read: {error}", remedy=_REMEDY, source=str(file)) from error


def _problem(row: dict[str, Any], splits: Sequence[str]) -> str:
    unknown = [str(name) for name in row if name not in (*_NEEDED, *_TOLD)]
    if unknown:
        return f"unknown column `{unknown[0]}`"
    for name in _NEEDED:
        if not str(row.get(name) if row.get(name) is not None else "").strip():
            return f"`{name}` is empty"
    try:
        start, end = float(row["start"]), float(row["end"])
    except (TypeError, ValueError):
        return f"`start` {row['start']!r} and `end` {row['end']!r} are not both numbers"
    if not start < end:
        return f"it ends at {end:g} s, not after its start at {start:g} s"
    if row.get("split") and str(row["split"]).strip() not in splits:
        return f"`split` {row['split']!r} is none of {', '.join(splits)}"
    return ""


def _ros_time_ns(time_s: float, bag_start_ns: int) -> int:
    since_start_ns = 0 if time_s >= _ROS_TIME_FROM_S else bag_start_ns
    return since_start_ns + round(time_s * NANOSECONDS)
