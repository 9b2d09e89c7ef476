"""What was in front of the sensors, from a file: one line a span, `start,end,label`.

The files of `python -m training extract` are read, too: what their heading names after these three is passed over.
"""

import csv
from pathlib import Path

from omnibind_ros.demo.record import NOTHING, Lane
from omnibind_ros.errors import ConfigurationError

_COLUMNS = ("start", "end", "label")
_REMEDY = "write lines of `start,end,label`, in seconds since the start of the bag"


def read_labels(path: Path) -> Lane:
    """The spans of a file, which may begin with a heading, as a lane. Raises ConfigurationError."""
    try:
        rows = [row for row in csv.reader(path.read_text(encoding="utf-8").splitlines()) if row]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigurationError(f"it cannot be read: {error}", remedy=_REMEDY, source=str(path)) from error
    spans = []
    columns = len(_COLUMNS)
    for number, row in enumerate(rows, start=1):
        cells = [cell.strip() for cell in row]
        try:
            start, end, label = cells[:3] if len(cells) <= columns else cells
            spans.append((float(start), float(end), label))
        except ValueError as error:
            if number == 1 and tuple(cells[:3]) == _COLUMNS:
                columns = len(cells)
            elif number > 1:
                text = f"line {number} is {','.join(row)!r}"
                raise ConfigurationError(text, remedy=_REMEDY, source=str(path)) from error
    lane = Lane()
    last_s = float("-inf")
    for start_s, end_s, label in sorted(spans):
        if not last_s <= start_s < end_s:
            raise ConfigurationError(
                f"the span of {label!r} from {start_s:g} s to {end_s:g} s is empty or overlaps another",
                remedy=_REMEDY,
                source=str(path),
            )
        if start_s > last_s:
            lane.set(last_s, NOTHING)
        lane.set(start_s, label)
        last_s = end_s
    lane.set(last_s, NOTHING)
    return lane
