"""The picture of a run: time lanes of every source, the true object, what was recognised, how sure, and by what."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from omnibind_ros.demo.record import ANSWER_LASTS_S, HEALTHY, LIVE_UNUSED, DemoRecord, Lane, RunRecord, Span
from omnibind_ros.figure import new_figure, png, tidy
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
_RIGHT, _WRONG, _UNKNOWN, _UNJUDGED = "#2e9e5b", "#d1495b", "#9a9a9a", "#30475e"
_ANSWERS = ((_RIGHT, "right"), (_WRONG, "wrong"), (_UNKNOWN, UNKNOWN), (_UNJUDGED, "recognised"))
_LANE_HEIGHT = 0.72
# Letters of a lane's text that fit into the picture's width.
_LETTERS_ACROSS = 190


def save_timeline(record: DemoRecord, path: Path, *, end_s: float, title: str) -> None:
    """Draw the demo into a PNG file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(timeline(record, end_s=end_s, title=title, conditions=record.sensors))


def timeline(record: RunRecord, *, end_s: float, title: str, conditions: Mapping[str, Lane] | None = None) -> bytes:
    """A run as a PNG. conditions: what was done to each sensor, where somebody knows it."""
    lanes = len(record.states)
    weights = [one for one in record.recognised if one.weights]
    heights = [lanes + 2.2, 3.0, *([3.0] if weights else [])]
    figure = new_figure(15, 3.6 + 0.5 * lanes + (2.4 if weights else 0), title)
    axes: Sequence[Axes] = figure.subplots(len(heights), 1, sharex=True, height_ratios=heights)
    _draw_lanes(axes[0], record, conditions or {}, end_s)
    _draw_scores(axes[1], record)
    if weights:
        _draw_weights(axes[2], record)
    for one in axes:
        tidy(one)
    axes[-1].set_xlabel("seconds since the start")
    axes[-1].set_xlim(0, end_s)
    return png(figure)


def _draw_lanes(axes: Axes, record: RunRecord, conditions: Mapping[str, Lane], end_s: float) -> None:
    rows = list(record.states)
    for row, name in enumerate(rows):
        _draw_spans(axes, row, record.states[name].spans(end_s), lambda span: STATE_COLOURS[span.value])
        _mark_conditions(axes, row, conditions.get(name, Lane()), end_s)
    if record.truth.changes:
        _draw_labels(axes, len(rows), record.truth.spans(end_s), lambda _: _UNJUDGED, end_s)
        rows.append("true object")
    _draw_labels(
        axes, len(rows), record.answers().spans(end_s),
        lambda span: _answer_colour(span.value, record.truth.at((span.start_s + span.end_s) / 2)), end_s,
    )  # fmt: skip
    axes.set_yticks(range(len(rows) + 1), [*rows, "recognised"])
    axes.invert_yaxis()
    present = {value for lane in record.states.values() for _, value in lane.changes}
    axes.legend(
        handles=[Patch(color=colour, label=state) for state, colour in STATE_COLOURS.items() if state in present],
        loc="lower right", bbox_to_anchor=(1, 1), ncols=max(1, len(present)), frameon=False, fontsize=9,
    )  # fmt: skip


def _draw_spans(
    axes: Axes, row: int, spans: Sequence[Span], colour: Callable[[Span], str], *, edge: str = "none"
) -> None:
    axes.broken_barh(
        [(span.start_s, span.end_s - span.start_s) for span in spans],
        (row - _LANE_HEIGHT / 2, _LANE_HEIGHT),
        facecolors=[colour(span) for span in spans],
        edgecolor=edge,
        linewidth=0.6,
    )


def _draw_labels(axes: Axes, row: int, spans: Sequence[Span], colour: Callable[[Span], str], end_s: float) -> None:
    # Of hundreds of short spans white edges would be all there is to see.
    _draw_spans(axes, row, spans, colour, edge="white" if len(spans) < _LETTERS_ACROSS else "none")
    for span in spans:
        if span.end_s - span.start_s > end_s * len(span.value) / _LETTERS_ACROSS:
            middle_s = (span.start_s + span.end_s) / 2
            axes.text(middle_s, row, span.value, ha="center", va="center", fontsize=8, color="white")


def _mark_conditions(axes: Axes, row: int, sensor: Lane, end_s: float) -> None:
    """Write what was done to a sensor over its lane: the truth beside what the robot made of it."""
    for span in sensor.spans(end_s):
        if span.value == HEALTHY:
            continue
        bottom = row + _LANE_HEIGHT / 2
        axes.plot([span.start_s, span.end_s], [bottom, bottom], color="black", linewidth=2.5, solid_capstyle="butt")
        axes.text(span.start_s + 0.1, row, span.value, va="center", fontsize=8.5)


def _answer_colour(label: str, truth: str | None) -> str:
    if label == UNKNOWN:
        return _UNKNOWN
    if not truth:
        return _UNJUDGED
    return _RIGHT if label == truth else _WRONG


def _draw_scores(axes: Axes, record: RunRecord) -> None:
    colours = [_answer_colour(one.label, record.truth.at(one.seen_s)) for one in record.recognised]
    received_s = [one.received_s for one in record.recognised]
    axes.scatter(received_s, [one.score for one in record.recognised], c=colours, s=9, linewidths=0)
    axes.set_ylim(0, 1.03)
    axes.set_ylabel("score")
    patches = [Patch(color=colour, label=text) for colour, text in _ANSWERS if colour in colours]
    axes.legend(
        handles=patches, loc="lower right", bbox_to_anchor=(1, 1), frameon=False, fontsize=9, ncols=max(1, len(patches))
    )


def _draw_weights(axes: Axes, record: RunRecord) -> None:
    """Stacked: how much each source counted in every recognition; a stretch without recognitions stays empty."""
    times_s: list[float] = []
    columns: list[list[float]] = []
    nothing = [0.0] * len(record.states)
    for one in record.recognised:
        if times_s and one.received_s - times_s[-1] > ANSWER_LASTS_S:
            times_s += [times_s[-1] + ANSWER_LASTS_S, one.received_s]
            columns += [nothing, nothing]
        times_s.append(one.received_s)
        columns.append([one.weights.get(source, 0.0) for source in record.states])
    colours = [colormaps["tab10"](number % 10) for number in range(len(record.states))]
    axes.stackplot(times_s, np.array(columns).T, colors=colours, step="post", linewidth=0)
    axes.set_ylim(0, 1)
    axes.set_ylabel("weight")
    axes.legend(
        handles=[Patch(color=colour, label=source) for source, colour in zip(record.states, colours, strict=True)],
        loc="lower right", bbox_to_anchor=(1, 1), ncols=max(1, min(8, len(colours))), frameon=False, fontsize=9,
    )  # fmt: skip
