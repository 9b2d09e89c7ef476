"""The report of a replay: one HTML file with everything in it, to be read in any browser and sent by mail."""

from collections.abc import Mapping
from typing import Any

from omnibind_ros.demo.picture import timeline
from omnibind_ros.page import bullets, page, picture, section, table, tiles
from omnibind_ros.replay.run import ReplayRun


def report(run: ReplayRun, figures: Mapping[str, Any]) -> str:
    """The report as HTML. figures: what `summary` makes."""
    duration_s = max(figures["duration_s"], 1e-3)
    lanes = timeline(run, end_s=duration_s, title="")
    about = f"{duration_s:g} s, recognised with the bundle {figures['bundle']} of {figures['labels']} labels"
    return page(
        f"Replay of {figures['bag']}",
        about,
        [
            _tiles(figures),
            section(
                "What happened", picture(lanes, "Time lanes of the sources, what was recognised, scores and weights")
            ),
            section("Sources", _sources(figures["sources"])),
            section("What was recognised", _recognised(figures)),
            section("Notes", _notes(figures)),
        ],
    )


def _tiles(figures: Mapping[str, Any]) -> str:
    recognitions = figures["recognitions"]
    found = [
        (f"{recognitions}", "recognitions"),
        (_share(figures["abstentions"], recognitions), "of them unknown"),
        (f"{figures['longest_gap_s']:.2f} s", "longest time between two"),
    ]
    if figures["judged"]:
        found.insert(0, (f"{figures['accuracy']:.1%}", f"accuracy, {figures['judged']} judged"))
    recorded = figures["as_recorded"]
    if recorded is not None:
        text = f"as the robot said, in {recorded['matched']} of its {recorded['recorded']} recognitions"
        found.append((_share(recorded["same_label"], recorded["matched"]), text))
    return tiles(found)


def _sources(sources: Mapping[str, Mapping[str, Any]]) -> str:
    rows = [
        [
            name,
            one["modality"],
            one["topic"],
            f"{one['messages']}",
            f"{one['embeddings']}",
            f"{one['live_share']:.0%}",
            _number(one["mean_quality"]),
            f"{one['used']}",
            _number(one["mean_weight"]),
        ]
        for name, one in sources.items()
    ]
    headings = ["source", "modality", "topic", "messages", "embeddings", "time live", "quality", "fused", "weight"]
    return table(headings, rows, numbers=range(3, 9)) if rows else "<p>None: no topic is one a sensor could send.</p>"


def _recognised(figures: Mapping[str, Any]) -> str:
    if not figures["recognised"]:
        return "<p>Nothing: no source had anything to tell.</p>"
    judged = bool(figures["judged"])
    rows = [
        [
            label,
            f"{one['times']}",
            _share(one["times"], figures["recognitions"]),
            f"{one['mean_score']:.2f}",
            *([_share(one["right"], one["judged"])] if judged else []),
        ]
        for label, one in figures["recognised"].items()
    ]
    headings = ["label", "times", "share", "mean score", *(["right"] if judged else [])]
    return table(headings, rows, numbers=range(1, 5))


def _notes(figures: Mapping[str, Any]) -> str:
    notes = [
        *(f"left out: {text}" for text in figures["left_out"]),
        *(f"{text} ({times} times)" for text, times in figures["errors"].items()),
        *(f"{topic}: {count} messages could not be read" for topic, count in figures["unreadable_messages"].items()),
        *(f"{topic} ({kind}) was ignored" for topic, kind in figures["ignored_topics"].items()),
    ]
    return bullets(notes)


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "–"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"
