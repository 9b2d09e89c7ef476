"""Publishers and subscribers whose QoS does not fit."""

from rclpy.event_handler import SubscriptionEventCallbacks
from rclpy.qos import DurabilityPolicy, QoSProfile
from vision_msgs.msg import Classification

from chaos.findings import Findings
from chaos.scenario import Durations, Scenario
from chaos.stage import Stage
from omnibind_ros.simulation.sensors import Sensor

CAMERA: dict[str, Sensor] = {"camera": "camera"}
STEADY: dict[str, Sensor] = {"thermal": "thermal"}


def mismatch(stage: Stage, findings: Findings, _durations: Durations) -> None:
    """A best-effort driver joins a reliable one and stays alone; three times somebody asks for results of the past."""
    stage.drive(STEADY)
    node = stage.start_perception({**CAMERA, **STEADY})
    reliable = stage.drive(CAMERA, "--reliable")
    start_s = stage.wait_until_live("camera", "thermal")
    best_effort = stage.drive(CAMERA)
    stage.wait_until_plugged(best_effort)
    stage.watch(2.0, node)
    reliable.stop()
    stage.watch(2.0, node)
    findings.expect(stage.observer.is_live("camera"), f"the best-effort driver is not heard: {stage.told()}")
    stage.judge(findings, {**CAMERA, **STEADY}, start_s)

    latched = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
    silent = SubscriptionEventCallbacks(incompatible_qos=lambda _: None)
    for _ in range(3):
        subscription = stage.observer.node.create_subscription(
            Classification, "recognition", print, latched, event_callbacks=silent
        )
        stage.watch(1.5, node)
        stage.observer.node.destroy_subscription(subscription)
    told = [line for line in node.said.splitlines() if "QoS" in line]
    findings.expect(
        len(told) == 1 and "let it subscribe with" in told[0], f"not one log line with the remedy, but {told}"
    )


SCENARIOS = (Scenario("qos_mismatch", "publishers and subscribers with incompatible QoS", mismatch),)
