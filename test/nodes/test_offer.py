"""A subscriber whose quality of service does not fit is told apart from one that hears nothing for other reasons."""

import pytest

pytest.importorskip("rclpy", reason="needs ROS 2: run `make setup`")

from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile
from ros_bench import Bench
from std_msgs.msg import String

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
