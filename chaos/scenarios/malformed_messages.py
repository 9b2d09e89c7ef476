"""One message in a hundred is broken, on every topic."""

import time

from chaos.findings import Findings
from chaos.measurements import growth_percent
from chaos.scenario import Durations, Scenario
from chaos.stage import Stage
from omnibind_ros.simulation.sensors import SENSORS

SHARE = 0.01


def send_malformed(stage: Stage, findings: Findings, durations: Durations) -> None:
    """All sensors, each with a driver that breaks one message in a hundred."""
    for sensor in SENSORS:
        stage.drive({sensor: sensor}, "--malformed", str(SHARE))
    node = stage.start_perception({sensor: sensor for sensor in SENSORS})
    stage.wait_until_live(*SENSORS)
    time.sleep(2.0)
    start_s = time.monotonic()
    figures = stage.watch(durations.malformed_s, node)
    stage.judge(findings, SENSORS, start_s)
    errors = {sensor: int(stage.observer.values[sensor]["errors"]) for sensor in SENSORS}
    findings.expect(sum(errors.values()) > 0, "no broken message came through: the scenario shows nothing")
    warm = [one.resident_bytes for one in figures[len(figures) // 10 :]]
    findings.growth(growth_percent(warm), at_most_percent=None)
    findings.notes.append(f"{durations.malformed_s:g} s, {sum(errors.values())} unusable messages counted")


SCENARIOS = (
    Scenario(
        "malformed_messages",
        "1 % of the messages of every topic is malformed",
        send_malformed,
        long_part_s=lambda durations: durations.malformed_s,
    ),
)
