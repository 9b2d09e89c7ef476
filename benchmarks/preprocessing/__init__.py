"""From a message to a model input, a modality a file, against doing it by hand with well-known libraries."""

from importlib import import_module

from benchmarks.conditions import settle
from benchmarks.timing import Row
from benchmarks.timing import rows as measured

MODALITIES = ("image", "thermal", "event", "touch", "audio", "point", "text")


def rows(seconds: float) -> list[Row]:
    """Rows of every modality, each case measured for about so many seconds, on one core."""
    settle()
    return [
        row
        for modality in MODALITIES
        for row in measured(import_module(f"benchmarks.preprocessing.{modality}").comparisons(), seconds)
    ]
