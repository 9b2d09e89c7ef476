"""From a message to a model input, a modality a file, against doing it by hand with well-known libraries."""

from importlib import import_module
from pathlib import Path

from benchmarks.conditions import settle
from benchmarks.result import Result, Table
from benchmarks.timing import COLUMNS, rows

MODALITIES = ("image", "thermal", "event", "touch", "audio", "point", "text")
_SECONDS = 3.0


def measure(_: Path, *, quick: bool) -> Result:
    """Every case of every modality, on one core."""
    settle()
    seconds = 0.0 if quick else _SECONDS
    found = [
        row
        for modality in MODALITIES
        for row in rows(import_module(f"benchmarks.preprocessing.{modality}").comparisons(), seconds)
    ]
    return Result((Table("Preprocessing", COLUMNS, tuple(found)),))
