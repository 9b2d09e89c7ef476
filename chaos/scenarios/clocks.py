"""Clocks that are wrong, and clocks that jump."""

import re
import time

from chaos.findings import Findings
from chaos.scenario import Durations, Scenario
from chaos.stage import Stage
from omnibind_ros.simulation.sensors import Sensor

CAMERA: dict[str, Sensor] = {"camera": "camera"}
STEADY: dict[str, Sensor] = {"thermal": "thermal"}
OFFSET_S = 5.0
BAG_S = 8.0
LOOPS = 3
USE_LIMIT_S = 1.0


def wrong_clock(stage: Stage, findings: Findings, _: Durations) -> None:
    """A camera whose stamps are five seconds off, in both directions; then one with the right time."""
    stage.drive(STEADY)
    stage.start_perception({**CAMERA, **STEADY})
    start_s = stage.wait_until_live("thermal")
    for offset_s in (OFFSET_S, -OFFSET_S):
        driver = stage.drive(CAMERA, f"--stamp-offset={offset_s}")
        stage.wait_until_plugged(driver)
        stage.wait_for_state("camera", "faulty")
        reason = stage.observer.reasons["camera"]
        told = re.search(r"its stamps are ([+-][0-9.]+) s off", reason)
        # A message is a moment old when its stamp is compared with the clock.
        right = told is not None and abs(float(told[1]) - offset_s) < 0.3
        findings.expect(right, f"an offset of {offset_s:+g} s is told as: {reason}")
        driver.stop()
        stage.wait_for_state("camera", "absent")
    plugged_s = stage.wait_until_plugged(stage.drive(CAMERA))
    findings.time("used_s", stage.wait_until_live("camera", limit_s=10.0) - plugged_s, at_most_s=USE_LIMIT_S)
    stage.judge(findings, STEADY, start_s)


def bag_loops(stage: Stage, findings: Findings, _: Durations) -> None:
    """Recorded sensors and /clock begin again and again; the node follows /clock."""
    bag = stage.drive({**CAMERA, **STEADY}, "--clock-loop", str(BAG_S))
    stage.start_perception({**CAMERA, **STEADY}, parameters={"use_sim_time": True})
    first_s = stage.wait_until_plugged(bag)
    start_s = stage.wait_until_live("camera", "thermal")
    loops_s = [first_s + number * BAG_S for number in range(1, 100) if first_s + number * BAG_S > start_s][:LOOPS]
    stage.wait(lambda: time.monotonic() > loops_s[-1] + 2.0, 60.0, "the bag has begun again")
    for number, loop_s in enumerate(loops_s, 1):
        used_s = stage.wait_until_used("camera", loop_s)
        findings.time(f"loop_{number}_used_s", used_s - loop_s, at_most_s=USE_LIMIT_S)
    stage.judge(findings, {**CAMERA, **STEADY}, start_s)


SCENARIOS = (
    Scenario("wrong_clock", "a sensor's clock is 5 s off", wrong_clock),
    Scenario("clock_jumps", "/clock jumps back: a bag in a loop", bag_loops, embeddings_of=("camera",)),
)
