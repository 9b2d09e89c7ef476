"""The report of a run: JSON for programs, a table for docs/reliability.md."""

import json
import os
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from chaos.findings import ScenarioResult


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


Round = Sequence[ScenarioResult]


def as_json(rounds: Sequence[Round], *, mode: str, computer: Mapping[str, Any]) -> str:
    """The report as JSON."""
    report = {
        "machine": dict(computer),
        "mode": mode,
        "rounds": len(rounds),
        "scenarios": [
            {**result.as_json(), "round": number} for number, results in enumerate(rounds, 1) for result in results
        ],
        "passed": passed(rounds),
    }
    return json.dumps(report, indent=2, ensure_ascii=False) + "\n"


def passed(rounds: Sequence[Round]) -> bool:
    """Whether every scenario passed in every round, and there was one."""
    return bool(rounds) and all(results and all(result.passed for result in results) for results in rounds)


def table(rounds: Sequence[Round], titles: Mapping[str, str]) -> str:
    """A Markdown table of the worst of all rounds; titles: what happens in each scenario, by its name."""
    rows = [
        "| scenario | passed | longest gap, s | lost sources | memory growth, % | times, s |",
        "|---|---|---|---|---|---|",
    ]
    names = dict.fromkeys(result.name for results in rounds for result in results)
    for name in names:
        played = [result for results in rounds for result in results if result.name == name]
        result = _worst(played)
        cells = (
            titles.get(name, name),
            _verdict(played),
            _number(result.longest_gap_s),
            ", ".join(result.lost_sources) or "none",
            _number(result.memory_growth_percent),
            ", ".join(f"{name.removesuffix('_s').replace('_', ' ')} {value:.2f}" for name, value in _told(result)),
        )
        rows.append("| " + " | ".join(cell.replace("|", "/").replace("\n", " ") for cell in cells) + " |")
    return "\n".join(rows)


def block(rounds: Sequence[Round], titles: Mapping[str, str], computer: Mapping[str, Any], *, mode: str) -> str:
    """What stands between the markers in the documentation; mode: `full` or `quick`."""
    computer_line = (
        f"{computer['processor']}, {computer['cores']} cores, {computer['memory_gb']} GB, {computer['system']}, "
        f"Python {computer['python']}, load average at the start {computer['load_average'][0]}"
    )
    command = "python -m chaos" + (" --full" if mode == "full" else "")
    if len(rounds) > 1:
        command = f"{command} --repeat {len(rounds)}"
    repeated = f", the worst of {len(rounds)} rounds in a row," if len(rounds) > 1 else ""
    return f"`{command}`{repeated} on: {computer_line}.\n\n{table(rounds, titles)}"


def _verdict(played: Sequence[ScenarioResult]) -> str:
    failures = "; ".join(result.detail for result in played if not result.passed)
    if len(played) == 1:
        return f"**no**: {failures}" if failures else "yes"
    count = sum(result.passed for result in played)
    return f"**{count} of {len(played)}**: {failures}" if failures else f"{count} of {len(played)}"


def _worst(played: Sequence[ScenarioResult]) -> ScenarioResult:
    """One result with the worst figures of several rounds of one scenario."""
    gaps = [result.longest_gap_s for result in played if result.longest_gap_s is not None]
    growths = [result.memory_growth_percent for result in played if result.memory_growth_percent is not None]
    times = dict.fromkeys(name for result in played for name in result.times)
    return ScenarioResult(
        name=played[0].name,
        passed=all(result.passed for result in played),
        longest_gap_s=max(gaps, default=None),
        lost_sources=sorted({source for result in played for source in result.lost_sources}),
        memory_growth_percent=max(growths, default=None),
        times={name: max(result.times.get(name, 0.0) for result in played) for name in times},
        detail="; ".join(result.detail for result in played),
    )


def _told(result: ScenarioResult) -> list[tuple[str, float]]:
    return [(name, value) for name, value in result.times.items() if name != "duration_s"]


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"
