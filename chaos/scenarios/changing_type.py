"""The driver of a topic is replaced by ones that send other types of message."""

from chaos.findings import Findings
from chaos.scenario import Durations, Scenario
from chaos.stage import Stage
from omnibind_ros.simulation.sensors import Sensor

STEADY: dict[str, Sensor] = {"thermal": "thermal"}
CAMERA: dict[str, Sensor] = {"camera": "camera"}
USE_LIMIT_S = 1.0


def change_type(stage: Stage, findings: Findings, _: Durations) -> None:
    """Image, CompressedImage, a foreign type, Image again; the thermal camera goes on all the while."""
    stage.drive(STEADY)
    stage.start_perception({**CAMERA, **STEADY})
    start_s = stage.wait_until_live("thermal")
    for number, message in enumerate(("native", "compressed", "foreign", "native")):
        driver = stage.drive(CAMERA, "--message", message)
        plugged_s = stage.wait_until_plugged(driver)
        if message == "foreign":
            stage.wait_for_state("camera", "faulty")
            reason = stage.observer.reasons["camera"]
            findings.expect("std_msgs/msg/String, not sensor_msgs/msg/Image" in reason, f"no remedy named: {reason}")
        else:
            live_s = stage.wait_until_live("camera", limit_s=10.0)
            findings.time(f"{number + 1}_{message}_used_s", live_s - plugged_s, at_most_s=USE_LIMIT_S)
        driver.stop()
        stage.wait_for_state("camera", "absent")
    stage.judge(findings, STEADY, start_s)


SCENARIOS = (Scenario("type_changes", "a topic changes its type: Image, CompressedImage, foreign, Image", change_type),)
