"""Findings and facts for people, in a terminal."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from omnibind_ros.diagnosis.facts import metric_lines
from omnibind_ros.diagnosis.finding import Finding, Verdict, worst

_STYLES = {Verdict.OK: "green", Verdict.WARNING: "yellow", Verdict.PROBLEM: "bold red"}
_DEPTH = 2
_MOST_LINES = 12
_SUMMARY = {
    Verdict.OK: "all is well",
    Verdict.WARNING: "it works; the warnings say what could be better",
    Verdict.PROBLEM: "something does not work; the problems say what to do",
}


def findings_table(findings: Sequence[Finding]) -> RenderableType:
    """A line a finding, what to do below it, and one line for all."""
    table = Table.grid(padding=(0, 2))
    for _ in range(3):
        table.add_column(overflow="fold")
    for finding in findings:
        told = Text(finding.message)
        if finding.remedy:
            told.append(f"\n→ {finding.remedy}", style="bold")
        table.add_row(Text(str(finding.verdict), style=_STYLES[finding.verdict]), finding.subject, told)
    verdict = worst(findings)
    counts = ", ".join(f"{sum(one.verdict is kind for one in findings)} {kind}" for kind in Verdict)
    return Group(table, Text(f"\n{counts}: {_SUMMARY[verdict]}", style=_STYLES[verdict]))


def facts_tables(facts: Mapping[str, Any]) -> RenderableType:
    """The bundle, its encoders, what runs them, its metrics, and the nodes that run; JSON has every constant."""
    return Group(
        _bundle(facts["bundle"]),
        _encoders(facts["bundle"]["encoders"]),
        _backend(facts["backend"]),
        _metrics(facts["bundle"]["metrics"]),
        *[_node(name, details) for name, details in facts["nodes"].items()],
    )


def _pairs(title: str, rows: Mapping[str, str]) -> Table:
    table = Table(title=title, title_justify="left", show_header=False, min_width=len(title) + 4)
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    for key, value in rows.items():
        table.add_row(key, value)
    return table


def _bundle(facts: Mapping[str, Any]) -> Table:
    space, calibration = facts["space"], facts["calibration"]
    return _pairs(
        f"Bundle {facts['name']}",
        {
            "folder": facts["folder"],
            "licence": facts["licence"],
            "size": _size(facts["bytes"]),
            "embedding space": f"{space['id']} (number {space['number']}), {space['dimension']} numbers",
            "fusion head": f"{facts['fusion']['name']}, {_size(facts['fusion']['bytes'])}",
            f"{len(facts['labels'])} labels": ", ".join(facts["labels"]),
            "thresholds": ", ".join(f"{one:.2f}" for one in calibration["thresholds"]) + " by embeddings fused",
            "made by": facts["made_by"],
        },
    )


def _encoders(encoders: Mapping[str, Mapping[str, Any]]) -> Table:
    table = Table(title="Encoders", title_justify="left")
    for heading in ("modality", "file", "size", "input", "preprocessing", "batch", "precisions"):
        table.add_column(heading)
    for modality, facts in encoders.items():
        table.add_row(
            modality,
            facts["file"],
            _size(facts["bytes"]),
            f"{'×'.join(map(str, facts['input']))} {facts['type']}",
            str(facts["preprocessing"].get("name", "")),
            str(facts["max_batch"]),
            ", ".join(["fp32", *facts["reduced"]]),
        )
    return table


def _backend(facts: Mapping[str, Any]) -> Table:
    built = [part for part, ready in facts["engines"].items() if ready]
    return _pairs(
        "What runs them here",
        {
            "backend": facts["backend"],
            "ONNX Runtime": facts["onnxruntime"],
            "GPU": f"{facts['gpu']}; {facts['library']}" if facts["gpu"] else f"none: {facts['why_no_gpu']}",
            "engines ready": ", ".join(built) or "none",
            "engine cache": f"{facts['cache']['folder']}, {_size(facts['cache']['bytes'])}",
        },
    )


def _metrics(metrics: Mapping[str, Any]) -> Table:
    """Those that fit on a page: the fine ones have their place in the model card."""
    long = {key: entry for key, entry in metrics.items() if isinstance(entry, Mapping) and len(entry) > _MOST_LINES}
    short = {key: entry for key, entry in metrics.items() if key not in long}
    rows = {" ".join(path): told for path, told in metric_lines(short) if len(path) <= _DEPTH}
    return _pairs("Metrics", rows | {key: f"{len(entry)} of them: --json" for key, entry in long.items()})


def _node(name: str, details: Mapping[str, str]) -> Table:
    return _pairs(f"Running: {name}", details)


def _size(count: float) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 1e5 else f"{count / 1e3:.1f} kB"
