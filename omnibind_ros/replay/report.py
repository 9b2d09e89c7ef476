"""The report of a replay: one HTML file with everything in it, to be read in any browser and sent by mail."""

from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from omnibind_ros.demo.picture import timeline
from omnibind_ros.replay.run import ReplayRun

_STYLE = """
:root { color-scheme: light; }
body { font: 15px/1.5 system-ui, sans-serif; color: #1d2731; background: #f5f6f8; margin: 0; }
main { max-width: 1240px; margin: 0 auto; padding: 24px; }
h1 { font-size: 24px; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 17px; margin: 32px 0 8px; }
.about { color: #5b6875; margin: 2px 0 20px; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; }
.figures div, .card { background: #fff; border: 1px solid #dfe3e8; border-radius: 8px; padding: 12px 16px; }
.figures b { display: block; font-size: 24px; line-height: 1.25; }
.figures span { color: #5b6875; font-size: 13px; }
.card { overflow-x: auto; }
img { width: 100%; min-width: 720px; display: block; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: 5px 12px 5px 0; border-bottom: 1px solid #eceff2; white-space: nowrap; }
th { font-weight: 600; color: #5b6875; font-size: 13px; }
tr:last-child td { border-bottom: 0; }
.number { text-align: right; }
li { overflow-wrap: anywhere; }
"""


def report(run: ReplayRun, figures: Mapping[str, Any]) -> str:
    """The report as HTML. figures: what `summary` makes."""
    duration_s = max(figures["duration_s"], 1e-3)
    picture = b64encode(timeline(run, end_s=duration_s, title="")).decode()
    about = f"{duration_s:g} s, recognised with the bundle {figures['bundle']} of {figures['labels']} labels"
    return "\n".join(
        [
            '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>Replay of {escape(figures['bag'])}</title>",
            f"<style>{_STYLE}</style>\n</head>\n<body>\n<main>",
            f'<h1>Replay of {escape(figures["bag"])}</h1>\n<p class="about">{escape(about)}</p>',
            _tiles(figures),
            "<h2>What happened</h2>",
            f'<div class="card"><img alt="Time lanes of the sources, what was recognised, scores and weights" '
            f'src="data:image/png;base64,{picture}"></div>',
            "<h2>Sources</h2>",
            _sources(figures["sources"]),
            "<h2>What was recognised</h2>",
            _recognised(figures),
            _notes(figures),
            "</main>\n</body>\n</html>\n",
        ]
    )


def _tiles(figures: Mapping[str, Any]) -> str:
    recognitions = figures["recognitions"]
    tiles = [
        (f"{recognitions}", "recognitions"),
        (_share(figures["abstentions"], recognitions), "of them unknown"),
        (f"{figures['longest_gap_s']:.2f} s", "longest time between two"),
    ]
    if figures["judged"]:
        tiles.insert(0, (f"{figures['accuracy']:.1%}", f"accuracy, {figures['judged']} judged"))
    recorded = figures["as_recorded"]
    if recorded is not None:
        text = f"as the robot said, in {recorded['matched']} of its {recorded['recorded']} recognitions"
        tiles.append((_share(recorded["same_label"], recorded["matched"]), text))
    cells = (f"<div><b>{escape(value)}</b><span>{escape(what)}</span></div>" for value, what in tiles)
    return f'<div class="figures">{"".join(cells)}</div>'


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
    return _table(headings, rows, numbers=range(3, 9)) if rows else "<p>None: no topic is one a sensor could send.</p>"


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
    return _table(headings, rows, numbers=range(1, 5))


def _notes(figures: Mapping[str, Any]) -> str:
    notes = [
        *(f"left out: {text}" for text in figures["left_out"]),
        *(f"{text} ({times} times)" for text, times in figures["errors"].items()),
        *(f"{topic}: {count} messages could not be read" for topic, count in figures["unreadable_messages"].items()),
        *(f"{topic} ({kind}) was ignored" for topic, kind in figures["ignored_topics"].items()),
    ]
    if not notes:
        return ""
    return f'<h2>Notes</h2>\n<div class="card"><ul>{"".join(f"<li>{escape(note)}</li>" for note in notes)}</ul></div>'


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: range) -> str:
    def line(cells: Sequence[str], tag: str) -> str:
        return "".join(
            f"<{tag}{' class=number' if column in numbers else ''}>{escape(cell)}</{tag}>"
            for column, cell in enumerate(cells)
        )

    body = "\n".join(f"<tr>{line(row, 'td')}</tr>" for row in rows)
    return f'<div class="card"><table>\n<tr>{line(headings, "th")}</tr>\n{body}\n</table></div>'


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "–"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"
