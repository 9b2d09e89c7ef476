"""Where the figures go: a JSON file for programs and a table in the documentation for people."""

import json
import platform
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from benchmarks.timing import Row

_LIBRARIES = ("numpy", "numba", "opencv-python-headless")


def machine() -> str:
    """Processor, interpreter and the libraries that do most of the work."""
    names = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        if line.startswith("model name")
    ]
    libraries = ", ".join(f"{name} {version(name)}" for name in _LIBRARIES)
    return f"{names[0]}, {len(names)} cores, Python {platform.python_version()}, {libraries}"


def write_json(path: Path, benchmark: str, rows: Sequence[Row]) -> None:
    """Write the figures of one benchmark."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {"benchmark": benchmark, "machine": machine(), "rows": list(rows)}
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def table(results: Path) -> str:
    """The figures of a JSON file as Markdown."""
    content = json.loads(results.read_text(encoding="utf-8"))
    lines = [
        f"Measured on {content['machine']}:",
        "",
        "| case | value | reference | ratio |",
        "|---|---:|---|---:|",
    ]
    lines += [
        f"| {row['case']} | {row['value']:g} {row['unit']} | {row['reference']} | {row['ratio']:g} |"
        for row in content["rows"]
    ]
    return "\n".join(lines)
