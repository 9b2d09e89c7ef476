"""The terminal monitor on real DDS."""

import pytest

pytest.importorskip("rclpy", reason="needs ROS 2: run `make setup`")

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue
from ros_bench import Bench
from vision_msgs.msg import Classification, ObjectHypothesis

from omnibind_ros.nodes.monitor import Monitor

pytestmark = pytest.mark.ros


def test_it_shows_the_newest_answer_and_every_source(bench: Bench) -> None:
    monitor: Monitor = bench.make(Monitor)
    assert monitor.moment().label == "nothing yet"
    recognition = bench.node.create_publisher(Classification, "recognition", 1)
    sources = bench.node.create_publisher(DiagnosticArray, "sources", 1)
    status = DiagnosticStatus(name="camera", values=[KeyValue(key="state", value="frozen")])

    def shown() -> bool:
        recognition.publish(Classification(results=[ObjectHypothesis(class_id="mug", score=0.75)]))
        sources.publish(DiagnosticArray(status=[status]))
        return monitor.moment().label == "mug" and "camera" in monitor.moment().sources

    bench.wait_until(shown, "the monitor shows nothing")
    assert monitor.moment().score == 0.75
    assert monitor.moment().sources["camera"]["state"] == "frozen"
