"""A subscriber whose quality of service does not fit is told apart from one that hears nothing for other reasons."""

from typing import Any

import pytest

pytest.importorskip("rclpy", reason="needs ROS 2: run `make setup`")

from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile
from ros_bench import Bench
from std_msgs.msg import String

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.nodes.offer import offer

pytestmark = pytest.mark.ros

LATCHED = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)


def test_a_subscriber_that_asks_for_too_much_is_told_the_remedy_once(
    bench: Bench, capfd: pytest.CaptureFixture[str]
) -> None:
    said: list[str] = []

    def warnings() -> list[str]:
        said.append(capfd.readouterr().err)
        return [line for line in "".join(said).splitlines() if "asks for a QoS" in line]

    publisher = offer(bench.make(lambda **options: Node("speaker", **options)), String, "answer", QoSProfile(depth=1))
    for _ in range(2):
        subscription = bench.node.create_subscription(String, "answer", print, LATCHED)
        bench.wait_until(warnings, "no warning")
        bench.node.destroy_subscription(subscription)
    bench.node.create_subscription(String, "answer", print, QoSProfile(depth=1))
    bench.wait_until(publisher.get_subscription_count, "the one that fits is not served")
    (warning,) = warnings()
    assert "/answer" in warning
    assert "DURABILITY" in warning
    assert "volatile durability" in warning


def speaker(bench: Bench, **overrides: str) -> Any:
    given = {f"/answer.publisher.{policy}": what for policy, what in overrides.items()}
    return bench.make(lambda **options: Node("speaker", **options), qos_overrides=given)


def test_whoever_starts_the_node_can_override_the_quality_of_service(bench: Bench) -> None:
    node = speaker(bench, durability="transient_local")
    default = QoSProfile(depth=1)
    for _ in range(2):  # a node that is deactivated and activated again offers the same
        publisher = offer(node, String, "answer", default)
        publisher.publish(String(data="said before anybody listened"))
        heard: list[String] = []
        subscription = bench.node.create_subscription(String, "answer", heard.append, LATCHED)
        bench.wait_until(lambda heard=heard: heard, "what was said before is not heard")
        bench.node.destroy_subscription(subscription)
        node.destroy_publisher(publisher)
    assert default.durability is not DurabilityPolicy.TRANSIENT_LOCAL


def test_an_override_that_does_not_exist_is_refused_with_the_remedy(bench: Bench) -> None:
    with pytest.raises(ConfigurationError, match=r"correct `qos_overrides\./answer\.publisher`"):
        offer(speaker(bench, reliability="mostly"), String, "answer", QoSProfile(depth=1))
