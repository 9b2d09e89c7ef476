"""Seven sensors at the rates and sizes of real ones on two cores: is ten times a second recognised, and at what cost?

Camera 640×480, thermal 640×512, touch 320×240 at 30 Hz each, five million events a second, a microphone of 16 kHz, a
LiDAR of 120,000 points ten times a second and a prompt, with the default bundle and default parameters: once in the one
process of `perception`, once as `encoder` and `fusion`. The driver's messages are made beforehand, but the copies of
DDS and the driver share the two cores.
"""

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.report import rounded
from benchmarks.result import Cell, Result, Table, Target
from benchmarks.robot import figures, make_rig, source_parameters, topics
from benchmarks.seven_sensors.kept import kept_share

if TYPE_CHECKING:
    from rig.processes import SupervisedProcess
    from rig.rig import Rig

FEEDS = ("camera", "thermal", "event", "touch", "microphone", "lidar", "prompt")
RATE_HZ = 10.0
CORES = 2
TARGET_SHARE, TARGET_MB = 0.95, 500.0
COMPOSED, DISTRIBUTED = "composed", "distributed"
_DRIVER = "driver"


@dataclass(frozen=True, slots=True)
class _Run:
    """One run. cpu: share of a core, mb: largest resident size, by process. live: share of time all were live."""

    share: float
    rate_hz: float
    latencies_s: Sequence[float]
    live: float
    dropped_events: int
    cpu: Mapping[str, float]
    mb: Mapping[str, float]


def measure(folder: Path, *, quick: bool) -> Result:
    """Both ways in turns, several times."""
    rounds, seconds, warm_up_s = (1, 4.0, 2.0) if quick else (3, 40.0, 8.0)
    runs: dict[str, list[_Run]] = {COMPOSED: [], DISTRIBUTED: []}
    for number in range(rounds):
        for way, of_way in runs.items():
            with make_rig(folder / f"{way}_{number}") as rig:
                of_way.append(_run(rig, way, seconds, warm_up_s))
    results = [(way, *_summary(of_way)) for way, of_way in runs.items()]
    composed = runs[COMPOSED]
    return Result(
        (
            Table(
                f"Seven sensors on {CORES} cores, medians of {rounds} runs of {seconds:g} s",
                ("way", f"{RATE_HZ:g} Hz kept, %", "rate, Hz", "latency median, ms", "p95, ms", "all live, %",
                 "event packets dropped"),
                tuple(results),
            ),
            Table(
                "What each process takes, medians of the runs",
                ("way", "process", "CPU, % of a core", "resident, MB"),
                tuple(row for way, of_way in runs.items() for row in _processes(way, of_way)),
            ),
        ),
        (
            Target(f"{COMPOSED}: {RATE_HZ:g} Hz kept", 100 * median(run.share for run in composed),
                   100 * TARGET_SHARE, "% of the time", at_least=True),
            Target("`perception`: resident memory", max(run.mb["perception"] for run in composed), TARGET_MB, "MB"),
        ),
        notes=(
            f"Kept: the last ten recognitions came at {0.95 * RATE_HZ:g} Hz or faster. Latency: from the newest stamp "
            "in a recognition to its arrival. Resident memory counts shared memory of DDS that the process touched.",
        ),
    )  # fmt: skip


def _run(rig: "Rig", way: str, seconds: float, warm_up_s: float) -> _Run:
    cores = frozenset(sorted(os.sched_getaffinity(0))[:CORES])
    processes: dict[str, SupervisedProcess] = {}
    processes[_DRIVER] = rig.start_driver("benchmarks.driver", topics(FEEDS), _DRIVER, cores=cores)
    rig.wait(lambda: "ready" in processes[_DRIVER].said, 60.0, "the driver has made its messages")
    if way == COMPOSED:
        processes["perception"] = rig.start_node("perception", source_parameters(FEEDS), cores=cores)
    else:
        processes["encoder"] = rig.start_node("encoder", source_parameters(FEEDS), cores=cores)
        processes["fusion"] = rig.start_node("fusion", {}, cores=cores)
    rig.wait_until_live(*FEEDS)
    time.sleep(warm_up_s)
    observer = rig.observer
    dropped = partial(_dropped, observer.values)
    start_s, cpu_before, dropped_before = time.monotonic(), _cpu_s(processes), dropped()
    first = len(observer.latencies_s)
    live = []
    resident: dict[str, float] = dict.fromkeys(processes, 0.0)
    while time.monotonic() < start_s + seconds:
        live.append(observer.is_live(*FEEDS))
        for name, process in processes.items():
            resident[name] = max(resident[name], figures(process).resident_bytes / 1e6)
        time.sleep(0.2)
    end_s = time.monotonic()
    cpu = {name: (used - cpu_before[name]) / (end_s - start_s) for name, used in _cpu_s(processes).items()}
    recognised_s = observer.recognised_s
    inside = [one for one in recognised_s if start_s <= one <= end_s]
    return _Run(
        share=kept_share(recognised_s, start_s, end_s, RATE_HZ),
        rate_hz=len(inside) / (end_s - start_s),
        latencies_s=observer.latencies_s[first:],
        live=float(np.mean(live)),
        dropped_events=dropped() - dropped_before,
        cpu=cpu,
        mb=resident,
    )


def _cpu_s(processes: Mapping[str, "SupervisedProcess"]) -> dict[str, float]:
    return {name: figures(process).cpu_s for name, process in processes.items()}


def _dropped(values: Mapping[str, Mapping[str, str]]) -> int:
    return int(values["event"]["dropped"])


def _summary(runs: Sequence[_Run]) -> tuple[Cell, ...]:
    latencies_ms = [1e3 * latency for run in runs for latency in run.latencies_s]
    return (
        rounded(100 * median(run.share for run in runs)),
        rounded(median(run.rate_hz for run in runs)),
        rounded(median(latencies_ms)),
        rounded(float(np.percentile(latencies_ms, 95))),
        rounded(100 * median(run.live for run in runs)),
        round(median(run.dropped_events for run in runs)),
    )


def _processes(way: str, runs: Sequence[_Run]) -> list[tuple[Cell, ...]]:
    return [
        (way, name, rounded(100 * median(run.cpu[name] for run in runs)), round(median(run.mb[name] for run in runs)))
        for name in runs[0].cpu
    ]
