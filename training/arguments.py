"""Arguments that several tools of the command line take."""

from argparse import ArgumentTypeError
from collections.abc import Sequence
from pathlib import Path


def positive(argument: str) -> int:
    """A whole number above 0. Raises ArgumentTypeError."""
    if not argument.isdecimal() or not int(argument):
        raise ArgumentTypeError(f"`{argument}` is not a whole number above 0")
    return int(argument)


def positive_number(argument: str) -> float:
    """A finite number above 0. Raises ArgumentTypeError."""
    try:
        number = float(argument)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise ArgumentTypeError(f"`{argument}` is not a number above 0")
    return number


def labels_given(given: Sequence[str]) -> list[str]:
    """The labels themselves, or those of the one file that is named, one a line."""
    if len(given) > 1 or not Path(given[0]).is_file():
        return list(given)
    lines = Path(given[0]).read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in lines if line.strip()]
