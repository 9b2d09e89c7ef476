"""The table a demo shows while it runs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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
    """What the table shows at one moment. sources: the values of each status in `sources`, by source."""

    time_s: float
    truth: str
    label: str
    score: float
    conditions: Mapping[str, str]
    sources: Mapping[str, Mapping[str, str]]
    happenings: Sequence[str]


def render(moment: Moment) -> Group:
    """The table as something rich can print."""
    table = Table(title=f"omnibind_ros demo, {moment.time_s:4.1f} s", title_justify="left", expand=False)
    for heading in ("source", "sensor is", "state", "says alone"):
        table.add_column(heading, min_width=10)
    for heading in ("Hz", "latency ms", "quality", "weight"):
        table.add_column(heading, justify="right")
    for source, condition in moment.conditions.items():
        values = moment.sources.get(source, {})
        state = values.get("state", "absent")
        table.add_row(
            source,
            condition,
            Text(state, style=_STATE_STYLES.get(state, "")),
            values.get("label", ""),
            *(values.get(key, "") for key in ("rate_hz", "latency_ms", "quality", "weight")),
        )
    style = "bold green" if moment.label == moment.truth else "bold red"
    answer = Text.assemble(
        ("in front of the robot  ", "dim"),
        (f"{moment.truth}\n", "bold"),
        ("recognised             ", "dim"),
        (f"{moment.label} {moment.score:.2f}", style),
    )
    return Group(table, answer, Text("\n".join(moment.happenings[-4:]), style="dim"))
