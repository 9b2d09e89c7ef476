"""`perception` beside a node in the style of common inference nodes: same model, same images, same load.

That node keeps ten messages, asks for reliable delivery, and decodes and infers in one callback. Both run on all cores,
one after the other, with a camera that they can follow and one that is too fast for both.
"""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.report import rounded
from benchmarks.result import Bars, Cell, Result, Table
from benchmarks.robot import EVERY_FRAME_HZ, figures, make_rig, source_parameters, topics

if TYPE_CHECKING:
    from rig.rig import Rig

FEED = "jpeg_hd"
LOADS_HZ = {"30 Hz": 30.0, "overload, 200 Hz": 200.0}
PEER = "queue of ten, synchronous"
NODES = {
    "`perception`, every frame": {"max_rate": EVERY_FRAME_HZ},
    "`perception`, `max_rate` 10 Hz": {},
    PEER: None,
}
_LIMIT_S = 60.0


@dataclass(frozen=True, slots=True)
class _Run:
    """One node under one load. used: share of the frames that were recognised; cpu: share of a core."""

    latencies_s: Sequence[float]
    rate_hz: float
    used: float
    cpu: float


def measure(folder: Path, *, quick: bool) -> Result:
    """Every node under every load, in turns."""
    rounds, seconds, warm_up_s = (1, 2.0, 1.0) if quick else (3, 12.0, 3.0)
    runs: dict[tuple[str, str], list[_Run]] = {(load, node): [] for load in LOADS_HZ for node in NODES}
    for number in range(rounds):
        for index, (load, node) in enumerate(runs):
            with make_rig(folder / f"{number}_{index}") as rig:
                runs[load, node].append(_run(rig, load, node, seconds, warm_up_s))
    columns = ("load", "node", "latency median, ms", "p95, ms", "longest, ms", "results a second", "frames used, %",
               "CPU, % of a core")  # fmt: skip
    return Result(
        (
            Table(
                f"1280×720 JPEG, {rounds} runs of {seconds:g} s",
                columns,
                tuple((load, node, *_summary(of_node)) for (load, node), of_node in runs.items()),
            ),
        ),
        plots=(
            Bars(
                "peer_style", "From image to recognition, median", "ms", tuple(LOADS_HZ),
                {node.replace("`", ""): tuple(1e3 * median(_latencies_s(runs[load, node])) for load in LOADS_HZ)
                 for node in NODES},
            ),
        ),
        notes=(
            "Frames that are not used were replaced by newer ones before anybody looked at them, or lost on their way. "
            "With `max_rate` 10 Hz a frame also waits until a recognition is due.",
        ),
    )  # fmt: skip


def _run(rig: "Rig", load: str, node: str, seconds: float, warm_up_s: float) -> _Run:
    rate_hz = LOADS_HZ[load]
    parameters = NODES[node]
    if parameters is None:
        process = rig.start_driver("benchmarks.peer_style.node", [FEED, "jpeg"], "peer")
    else:
        process = rig.start_node("perception", {**source_parameters([FEED]), **parameters})
    arguments = [*topics([FEED]), "--rate", f"{FEED}={rate_hz:g}", "--reliable"]
    driver = rig.start_driver("benchmarks.driver", arguments, "driver")
    heard = rig.observer.latencies_s
    rig.wait(lambda: len(heard) > 0, _LIMIT_S, "something is recognised")
    time.sleep(warm_up_s)
    first, begin_s, cpu_before_s = len(heard), time.monotonic(), figures(process).cpu_s
    time.sleep(seconds)
    latencies_s, taken_s = heard[first:], time.monotonic() - begin_s
    cpu_s = figures(process).cpu_s - cpu_before_s
    driver.stop()
    told = json.loads(driver.said.splitlines()[-1])
    sent_hz = told["sent"][FEED] / told["seconds"]
    return _Run(latencies_s, len(latencies_s) / taken_s, len(latencies_s) / taken_s / sent_hz, cpu_s / taken_s)


def _latencies_s(runs: Sequence[_Run]) -> list[float]:
    return [latency_s for run in runs for latency_s in run.latencies_s]


def _summary(runs: Sequence[_Run]) -> tuple[Cell, ...]:
    latencies_ms = 1e3 * np.array(_latencies_s(runs))
    return (
        *(rounded(float(np.percentile(latencies_ms, percent))) for percent in (50, 95, 100)),
        rounded(median(run.rate_hz for run in runs)),
        rounded(100 * median(run.used for run in runs)),
        rounded(100 * median(run.cpu for run in runs)),
    )
