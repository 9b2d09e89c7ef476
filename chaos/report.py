"""The report of a run: JSON for programs, a table for docs/reliability.md."""

import json
import os
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from chaos.findings import ScenarioResult

BEGIN, END = "<!-- chaos: begin -->", "<!-- chaos: end -->"


def machine() -> dict[str, Any]:
    """The computer it ran on."""
    cpuinfo = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    memory_kb = int(Path("/proc/meminfo").read_text(encoding="utf-8").split()[1])
    model = next((line.split(":", 1)[1].strip() for line in cpuinfo if line.startswith("model name")), "unknown")
    return {
        "processor": model,
        "cores": len(os.sched_getaffinity(0)),
        "memory_gb": round(memory_kb / 2**20, 1),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "load_average": [round(load, 1) for load in os.getloadavg()],
    }


def as_json(results: Sequence[ScenarioResult], *, mode: str, computer: Mapping[str, Any]) -> str:
    """The report as JSON."""
    report = {
        "machine": dict(computer),
        "mode": mode,
        "scenarios": [result.as_json() for result in results],
        "passed": passed(results),
    }
    return json.dumps(report, indent=2, ensure_ascii=False) + "\n"


def passed(results: Sequence[ScenarioResult]) -> bool:
    """Whether every scenario passed, and there was one."""
    return bool(results) and all(result.passed for result in results)


def table(results: Sequence[ScenarioResult], titles: Mapping[str, str]) -> str:
    """A Markdown table; titles: what happens in each scenario, by its name."""
    rows = [
        "| scenario | passed | longest gap, s | lost sources | memory growth, % | times, s |",
        "|---|---|---|---|---|---|",
    ]
    for result in results:
        cells = (
            titles.get(result.name, result.name),
            "yes" if result.passed else f"**no**: {result.detail}",
            _number(result.longest_gap_s),
            ", ".join(result.lost_sources) or "none",
            _number(result.memory_growth_percent),
            ", ".join(f"{name.removesuffix('_s').replace('_', ' ')} {value:.2f}" for name, value in _told(result)),
        )
        rows.append("| " + " | ".join(cell.replace("|", "/").replace("\n", " ") for cell in cells) + " |")
    return "\n".join(rows)


def block(results: Sequence[ScenarioResult], titles: Mapping[str, str], computer: Mapping[str, Any]) -> str:
    """What stands between the markers in the documentation."""
    computer_line = (
        f"{computer['processor']}, {computer['cores']} cores, {computer['memory_gb']} GB, {computer['system']}, "
        f"Python {computer['python']}, load average at the start {computer['load_average'][0]}"
    )
    return f"`make chaos-full` on: {computer_line}.\n\n{table(results, titles)}"


def with_block(text: str, content: str) -> str:
    """A document with the part between the markers replaced. Raises ValueError for one without markers."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the document has no {BEGIN} … {END}")
    return f"{before}{BEGIN}\n{content}\n{END}{after}"


def _told(result: ScenarioResult) -> list[tuple[str, float]]:
    return [(name, value) for name, value in result.times.items() if name != "duration_s"]


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"
