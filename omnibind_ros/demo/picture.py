"""The picture of a demo: time lanes of every source, the true object, and what was recognised."""

from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from omnibind_ros.demo.record import HEALTHY, LIVE_UNUSED, DemoRecord, Lane, Span
from omnibind_ros.recognition.recogniser import UNKNOWN

STATE_COLOURS = {
    "live": "#2e9e5b",
    LIVE_UNUSED: "#b7dfc5",
    "waiting": "#9ecae1",
    "building": "#9ecae1",
    "absent": "#e8e8e8",
    "stale": "#c9b458",
    "frozen": "#3f78c9",
    "faulty": "#d1495b",
    "disabled": "#b8b8b8",
}
_RIGHT, _WRONG, _UNKNOWN = "#2e9e5b", "#d1495b", "#9a9a9a"
_LANE_HEIGHT = 0.72


def save_timeline(record: DemoRecord, path: Path, *, end_s: float, title: str) -> None:
    """Draw the demo into a PNG file."""
    lanes = len(record.states)
    figure = Figure(figsize=(15, 3.6 + 0.5 * lanes), dpi=110, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(2, 1, sharex=True, height_ratios=[lanes + 2.2, 3.0])
    figure.suptitle(title, x=0.01, ha="left", fontsize=12, fontweight="bold")
    _draw_lanes(axes[0], record, end_s)
    _draw_scores(axes[1], record)
    axes[1].set_xlim(0, end_s)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)


def _draw_lanes(axes: Axes, record: DemoRecord, end_s: float) -> None:
    names = list(record.states)
    for row, name in enumerate(names):
        for span in record.states[name].spans(end_s):
            axes.barh(
                row, span.end_s - span.start_s, left=span.start_s, height=_LANE_HEIGHT, color=STATE_COLOURS[span.value]
            )
        _mark_conditions(axes, row, record.sensors[name], end_s)
    for span in record.truth.spans(end_s):
        _draw_label(axes, len(names), span, "#30475e")
    recognised = Lane()
    for one in record.recognised:
        recognised.set(one.received_s, one.label)
    for span in recognised.spans(end_s):
        middle_s = (span.start_s + span.end_s) / 2
        right = span.value == record.truth.at(middle_s)
        colour = _UNKNOWN if span.value == UNKNOWN else _RIGHT if right else _WRONG
        _draw_label(axes, len(names) + 1, span, colour)
    axes.set_yticks(range(len(names) + 2), [*names, "true object", "recognised"])
    axes.invert_yaxis()
    axes.spines[["top", "right"]].set_visible(False)
    present = {value for lane in record.states.values() for _, value in lane.changes}
    axes.legend(
        handles=[Patch(color=colour, label=state) for state, colour in STATE_COLOURS.items() if state in present],
        loc="lower right", bbox_to_anchor=(1, 1), ncols=len(present), frameon=False, fontsize=9,
    )  # fmt: skip


def _mark_conditions(axes: Axes, row: int, sensor: Lane, end_s: float) -> None:
    """Write what was done to a sensor over its lane: the truth beside what the robot made of it."""
    for span in sensor.spans(end_s):
        if span.value == HEALTHY:
            continue
        bottom = row + _LANE_HEIGHT / 2
        axes.plot([span.start_s, span.end_s], [bottom, bottom], color="black", linewidth=2.5, solid_capstyle="butt")
        axes.text(span.start_s + 0.1, row, span.value, va="center", fontsize=8.5)


def _draw_label(axes: Axes, row: int, span: Span, colour: str) -> None:
    length_s = span.end_s - span.start_s
    axes.barh(row, length_s, left=span.start_s, height=_LANE_HEIGHT, color=colour, edgecolor="white", linewidth=0.6)
    # A label is written only where it fits, about 0.13 s a letter at this width.
    if length_s > 0.13 * len(span.value):
        middle_s = (span.start_s + span.end_s) / 2
        axes.text(middle_s, row, span.value, ha="center", va="center", fontsize=8, color="white")


def _draw_scores(axes: Axes, record: DemoRecord) -> None:
    for one in record.recognised:
        right = one.label == record.truth.at(one.seen_s)
        colour = _UNKNOWN if one.label == UNKNOWN else _RIGHT if right else _WRONG
        axes.plot(one.received_s, one.score, ".", color=colour, markersize=5)
    axes.set_ylim(0, 1.03)
    axes.set_ylabel("score")
    axes.set_xlabel("seconds since the start")
    axes.spines[["top", "right"]].set_visible(False)
    answers = ((_RIGHT, "right"), (_WRONG, "wrong"), (_UNKNOWN, "unknown"))
    patches = [Patch(color=colour, label=label) for colour, label in answers]
    axes.legend(handles=patches, loc="lower right", frameon=False, fontsize=9, ncols=3)
