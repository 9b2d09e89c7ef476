"""Where the figures go: a JSON file for programs, and for people a part of the documentation."""

import json
import os
import platform
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from benchmarks.result import Cell, Result, Table

_LIBRARIES = ("numpy", "numba", "opencv-python-headless", "onnxruntime")
PLOT_FOLDER = "images/benchmarks"


def machine() -> str:
    """Processor, memory, system, interpreter and the libraries that do most of the work."""
    names = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        if line.startswith("model name")
    ]
    memory_gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    libraries = ", ".join(f"{name} {found}" for name in _LIBRARIES if (found := _version(name)))
    return (
        f"{names[0] if names else platform.machine()}, {len(os.sched_getaffinity(0))} cores, {memory_gb:.0f} GB, "
        f"{platform.system()} {platform.release()}, Python {platform.python_version()}, {libraries}"
    )


def load_average() -> float:
    """How many programs wanted a core in the last minute, on average."""
    return round(os.getloadavg()[0], 2)


def write_json(path: Path, benchmark: str, result: Result, *, command: str, load_before: float) -> None:
    """Write the figures of one benchmark."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {
        "benchmark": benchmark,
        "command": command,
        "machine": machine(),
        "load_average_before": load_before,
        "targets": [
            {
                "what": target.what,
                "value": target.value,
                "limit": target.limit,
                "unit": target.unit,
                "at_least": target.at_least,
                "reached": target.reached,
            }
            for target in result.targets
        ],
        "tables": _as_json(result.tables),
        "details": _as_json(result.details),
        "notes": list(result.notes),
        "plots": [{"name": plot.name, "title": plot.title} for plot in result.plots],
    }
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def markdown(results: Path) -> str:
    """The figures of a JSON file as they stand in the documentation."""
    content = json.loads(results.read_text(encoding="utf-8"))
    parts = [
        f"`{content['command']}` on {content['machine']}; load average before it {content['load_average_before']}:"
    ]
    if content["targets"]:
        rows = [_target_cells(target) for target in content["targets"]]
        parts.append(_table(("target", "limit", "measured", "reached"), rows))
    for table in content["tables"]:
        parts.append(f"{table['title']}:")
        parts.append(_table(table["columns"], table["rows"]))
    if content["notes"]:
        parts.append("\n".join(f"- {note}" for note in content["notes"]))
    parts += [f"![{plot['title']}]({PLOT_FOLDER}/{plot['name']}.png)" for plot in content["plots"]]
    return "\n\n".join(parts)


def rounded(number: float) -> float:
    """Three significant digits: what a measurement like this is worth."""
    return float(f"{number:.3g}")


def _as_json(tables: Sequence[Table]) -> list[dict[str, Any]]:
    return [
        {"title": table.title, "columns": list(table.columns), "rows": [list(row) for row in table.rows]}
        for table in tables
    ]


def _target_cells(target: dict[str, Any]) -> tuple[Cell, ...]:
    sign = "≥" if target["at_least"] else "≤"
    unit = f" {target['unit']}" if target["unit"] else ""
    limit = f"{sign} {_text(target['limit'])}{unit}"
    return target["what"], limit, f"{_text(target['value'])}{unit}", "yes" if target["reached"] else "**no**"


def _table(columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> str:
    """A Markdown table; numbers stand at the right."""
    numeric = [any(isinstance(row[index], int | float) for row in rows) for index in range(len(columns))]
    lines = [f"| {' | '.join(columns)} |", f"|{'|'.join('---:' if right else '---' for right in numeric)}|"]
    lines += [f"| {' | '.join(_text(cell).replace('|', '/') for cell in row)} |" for row in rows]
    return "\n".join(lines)


def _text(cell: Cell) -> str:
    if cell is None:
        return "–"
    if isinstance(cell, str):
        return cell
    return f"{cell:,.0f}" if isinstance(cell, int) or abs(cell) >= 1000 else f"{cell:.3g}"


def _version(library: str) -> str | None:
    try:
        return version(library)
    except PackageNotFoundError:
        return None
