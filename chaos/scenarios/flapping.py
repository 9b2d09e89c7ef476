"""Sensors with a loose contact: plugged and unplugged five times a second."""

import time
from statistics import median

from chaos.findings import Findings
from chaos.measurements import growth_percent
from chaos.scenario import Durations, Scenario
from chaos.stage import Stage
from omnibind_ros.simulation.sensors import Sensor
from rig.proc import ProcessFigures

FLAPS_A_SECOND = 5.0
FLAPPING: tuple[Sensor, ...] = ("camera", "lidar")
STEADY: tuple[Sensor, ...] = ("thermal", "microphone")
BACK_LIMIT_S = 1.0


def flap(stage: Stage, findings: Findings, durations: Durations) -> None:
    """Two sensors flap, two others must not notice."""
    for sensor in FLAPPING:
        stage.simulate(sensor)
    stage.simulate(*STEADY)
    node = stage.start_perception({sensor: sensor for sensor in (*FLAPPING, *STEADY)})
    start_s = stage.wait_until_live(*FLAPPING, *STEADY)
    figures: list[ProcessFigures] = []
    flaps = 0
    while time.monotonic() - start_s < durations.flapping_s:
        for fault in ("unplug", "none"):
            for sensor in FLAPPING:
                stage.observer.set_parameter(f"{sensor}_driver", f"{sensor}.fault", fault)
            figures += stage.watch(0.5 / FLAPS_A_SECOND, node, every_s=0.5 / FLAPS_A_SECOND)
        flaps += 1
    steady_s = time.monotonic()
    back_s = stage.wait_until_live(*FLAPPING, *STEADY, limit_s=10.0)
    findings.time("back_s", back_s - steady_s, at_most_s=BACK_LIMIT_S)
    stage.judge(findings, STEADY, start_s)
    for sensor in FLAPPING:
        found = len(stage.subscribers(sensor, sensor))
        findings.expect(found == 1, f"{found} subscriptions to {sensor} instead of one")
    findings.growth(growth_percent([one.resident_bytes for one in figures]), at_most_percent=None)
    fifth = len(figures) // 5
    for what in ("threads", "open_files"):
        before, after = (median(getattr(one, what) for one in part) for part in (figures[:fifth], figures[-fifth:]))
        findings.expect(after <= before + 1, f"{what} grew from {before:g} to {after:g}")
    findings.notes.append(f"{flaps} flaps of {len(FLAPPING)} sensors")


SCENARIOS = (
    Scenario("flapping", "two sensors flap at 5 Hz", flap, long_part_s=lambda durations: durations.flapping_s),
)
