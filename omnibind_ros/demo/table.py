"""The table that the demo and the monitor show while they run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rich.console import Group
from rich.table import Table
from rich.text import Text

_STATE_STYLES = {
    "live": "bold green",
    "waiting": "cyan",
    "building": "cyan",
    "absent": "dim",
    "stale": "yellow",
    "frozen": "bold blue",
    "faulty": "bold red",
    "disabled": "dim",
}


@dataclass(frozen=True, slots=True)
class Moment:
    """What the table shows at one moment.

    sources: the values of each status in `sources`, by source. conditions: what was done to each sensor, and truth: the
    object in front of them, where a demo knows it.
    """

    title: str
    label: str
    score: float
    sources: Mapping[str, Mapping[str, str]]
    conditions: Mapping[str, str] = field(default_factory=dict)
    truth: str | None = None
    happenings: Sequence[str] = ()


def render(moment: Moment) -> Group:
    """The table as something rich can print."""
    table = Table(title=moment.title, title_justify="left", expand=False)
    for heading in ("source", *(["sensor is"] if moment.conditions else []), "state", "says alone"):
        table.add_column(heading, min_width=10)
    for heading in ("Hz", "latency ms", "quality", "weight"):
        table.add_column(heading, justify="right")
    for source in moment.conditions or moment.sources:
        values = moment.sources.get(source, {})
        state = values.get("state", "absent")
        table.add_row(
            source,
            *([moment.conditions[source]] if moment.conditions else []),
            Text(state, style=_STATE_STYLES.get(state, "")),
            values.get("label", ""),
            *(values.get(key, "") for key in ("rate_hz", "latency_ms", "quality", "weight")),
        )
    style = "bold" if moment.truth is None else "bold green" if moment.label == moment.truth else "bold red"
    answer = Text.assemble(("recognised             ", "dim"), (f"{moment.label} {moment.score:.2f}", style))
    if moment.truth is not None:
        answer = Text.assemble(("in front of the robot  ", "dim"), (f"{moment.truth}\n", "bold"), answer)
    return Group(table, answer, Text("\n".join(moment.happenings), style="dim"))
