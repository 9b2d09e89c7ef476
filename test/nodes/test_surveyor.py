"""The survey of a live graph, on real DDS."""

import threading
from pathlib import Path

import pytest

pytest.importorskip("rclpy", reason="needs ROS 2: run `make setup`")

from rclpy.qos import DurabilityPolicy, QoSProfile, qos_profile_sensor_data
from ros_bench import Bench, real_image
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import Image

from omnibind_ros.diagnosis.survey import Survey
from omnibind_ros.nodes.perception import PerceptionNode
from omnibind_ros.nodes.surveyor import survey

pytestmark = pytest.mark.ros

LOOK_S = 3.0
LATCHED = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)


def look(bench: Bench) -> Survey:
    """The survey of a thread of its own, while the bench's nodes are spun here."""
    found: list[Survey] = []
    thread = threading.Thread(target=lambda: found.append(survey("", LOOK_S)))
    thread.start()
    bench.wait_until(lambda: not thread.is_alive(), "the survey does not end")
    return found[0]


def test_drivers_running_nodes_and_who_cannot_hear_whom(bench: Bench, bundle_path: Path) -> None:
    camera = {"modality": "image", "topic": "camera"}
    bench.make(PerceptionNode, bundle=str(bundle_path), sources=["camera"], camera=camera, use_sim_time=True)
    bench.plug("camera", real_image)
    bench.node.create_publisher(Clock, "/clock", 1)
    bench.node.create_publisher(Image, "unheard", qos_profile_sensor_data)
    bench.node.create_subscription(Image, "unheard", print, LATCHED)
    bench.node.create_subscription(Image, "unpublished", print, 1)
    found = look(bench)
    (driver,) = found.publishers("/camera")
    assert (driver.node, driver.type_name) == ("/bench", "sensor_msgs/msg/Image")
    assert [one.node for one in found.publishers("/recognition")] == ["/perception"]
    assert found.simulated == ("/perception",)
    (mismatch,) = found.topics["/unheard"].mismatches
    assert mismatch.startswith("/bench hears nothing of /bench")
    assert "/unpublished" not in found.topics
    assert [report.source for report in found.reports] == ["camera"]
    assert any(name.startswith("perception:") for name in found.health)
