"""More sensors at higher rates than the computer can follow."""

import os

from chaos.findings import Findings
from chaos.measurements import growth_percent
from chaos.scenario import Durations, Scenario
from chaos.stage import Stage
from omnibind_ros.simulation.sensors import Sensor

TEN_SOURCES: dict[str, Sensor] = {
    "front": "camera",
    "left": "camera",
    "right": "camera",
    "thermal": "thermal",
    "event": "event",
    "left_finger": "touch",
    "right_finger": "touch",
    "microphone": "microphone",
    "lidar": "lidar",
    "prompt": "prompt",
}
CORES = 2


def overload(stage: Stage, findings: Findings, durations: Durations) -> None:
    """Ten sources at double rate; the node and all drivers share two cores."""
    cores = frozenset(sorted(os.sched_getaffinity(0))[:CORES])
    for source, sensor in TEN_SOURCES.items():
        stage.drive({source: sensor}, "--rate", "2", cores=cores)
    node = stage.start_perception(TEN_SOURCES, cores=cores)
    stage.wait_until_live(*TEN_SOURCES)
    stage.watch(durations.warm_up_s, node)
    start_s = stage.wait_until_live(*TEN_SOURCES, limit_s=5.0)
    figures = stage.watch(durations.overload_s, node)
    stage.judge(findings, TEN_SOURCES, start_s)
    findings.growth(growth_percent([one.resident_bytes for one in figures]))
    rate_hz = sum(float(stage.observer.values[source]["rate_hz"]) for source in TEN_SOURCES)
    dropped = sum(int(stage.observer.values[source]["dropped"]) for source in TEN_SOURCES)
    findings.notes.append(
        f"{durations.overload_s:g} s, {rate_hz:.0f} messages a second came through, {dropped} were replaced by newer "
        f"ones, {figures[-1].resident_bytes / 1e6:.0f} MB at the end"
    )


SCENARIOS = (
    Scenario(
        "overload",
        "10 sources at double rate on 2 cores",
        overload,
        long_part_s=lambda durations: durations.warm_up_s + durations.overload_s,
    ),
)
