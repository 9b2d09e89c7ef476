"""What a benchmark gives: tables, targets reached or missed, notes and plots."""

from dataclasses import dataclass

Cell = str | float | int | None


class UnavailableError(Exception):
    """The benchmark cannot be run on this machine; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class Table:
    """Figures under a title; a cell that is None was not measured."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class Target:
    """A figure that was promised. limit: the most it may be, with `at_least` the least."""

    what: str
    value: float
    limit: float
    unit: str = ""
    at_least: bool = False

    @property
    def reached(self) -> bool:
        """Whether the promise is kept."""
        return self.value >= self.limit if self.at_least else self.value <= self.limit


@dataclass(frozen=True, slots=True)
class Bars:
    """Groups of bars: `series` has a value for each of the labels. name: of the file, without its suffix."""

    name: str
    title: str
    unit: str
    labels: tuple[str, ...]
    series: dict[str, tuple[float, ...]]


@dataclass(frozen=True, slots=True)
class Curves:
    """Points (x, y) by series, joined by lines or not; `logarithmic`: both axes. name: see `Bars`."""

    name: str
    title: str
    x_label: str
    y_label: str
    series: dict[str, tuple[tuple[float, float], ...]]
    joined: bool = True
    logarithmic: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """All of one benchmark. details: tables for programs, too long for people."""

    tables: tuple[Table, ...]
    targets: tuple[Target, ...] = ()
    plots: tuple[Bars | Curves, ...] = ()
    notes: tuple[str, ...] = ()
    details: tuple[Table, ...] = ()
