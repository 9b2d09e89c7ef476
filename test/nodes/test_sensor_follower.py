"""Whoever only looks at a sensor follows what is published."""

from typing import Any

import pytest

pytest.importorskip("rclpy", reason="needs ROS 2: run `make setup`")

from rclpy.node import Node
from ros_bench import Bench, real_image
from sensor_msgs.msg import CompressedImage, PointCloud2

from omnibind_ros.modality import Modality
from omnibind_ros.nodes.sensor_follower import SensorFollower

pytestmark = pytest.mark.ros


def test_it_takes_the_type_and_quality_of_service_that_are_offered(bench: Bench) -> None:
    heard: list[Any] = []
    onlooker = bench.make(lambda **arguments: Node("onlooker", **arguments))
    follower = SensorFollower(onlooker, Modality.IMAGE, "camera", heard.append)
    follower.poll()
    sensor = bench.plug("camera", real_image)  # best effort
    bench.wait_until(lambda: follower.poll() or heard, "nothing of the camera")
    assert heard[-1].encoding == "rgb8"
    sensor.unplug()
    publisher = bench.node.create_publisher(CompressedImage, "camera", 1)
    bench.wait_until(
        lambda: follower.poll() or publisher.publish(CompressedImage(format="jpeg")) or hasattr(heard[-1], "format"),
        "nothing of the other camera",
    )
    follower.close()
    bench.wait_until(lambda: publisher.get_subscription_count() == 0, "it still listens")


def test_what_no_sensor_of_the_modality_sends_is_left_alone(bench: Bench) -> None:
    follower = SensorFollower(bench.node, Modality.IMAGE, "cloud", lambda _: None)
    publisher = bench.node.create_publisher(PointCloud2, "cloud", 1)
    bench.wait_until(lambda: bench.node.count_publishers("cloud") == 1, "the cloud is not seen")
    follower.poll()
    assert publisher.get_subscription_count() == 0
    follower.close()
