"""The overlay on real DDS."""

from typing import Any

import numpy as np
import pytest

pytest.importorskip("rclpy", reason="needs ROS 2: run `make setup`")

import cv2
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue
from ros_bench import Bench, real_image
from sensor_msgs.msg import CompressedImage, Image
from vision_msgs.msg import Classification, ObjectHypothesis

from omnibind_ros.messages.image import rgb_from_image
from omnibind_ros.nodes.overlay import Overlay

pytestmark = pytest.mark.ros

WHITE, GREEN = (255, 255, 255), (46, 196, 132)


def share_of(message: Any, colour: tuple[int, int, int]) -> float:
    strip = rgb_from_image(message)[-80:].astype(int)
    return float((np.abs(strip - colour) < 4).all(axis=2).mean())


def test_label_score_and_sources_are_drawn_over_the_camera(bench: Bench) -> None:
    bench.make(Overlay)
    bench.plug("camera/image_raw", real_image)
    bench.hear("overlay", Image)
    recognitions = bench.node.create_publisher(Classification, "recognition", 1)
    sources = bench.node.create_publisher(DiagnosticArray, "sources", 1)
    live = DiagnosticStatus(name="camera", values=[KeyValue(key="state", value="live")])

    def drawn() -> bool:
        recognitions.publish(Classification(results=[ObjectHypothesis(class_id="mug", score=0.75)]))
        sources.publish(DiagnosticArray(status=[live]))
        return bool(bench.heard["overlay"]) and share_of(bench.heard["overlay"][-1], GREEN) > 0.02

    bench.wait_until(drawn, "no score is drawn")
    message = bench.heard["overlay"][-1]
    assert (message.encoding, message.height, message.width) == ("rgb8", 480, 640)
    assert message.header.frame_id == "sensor"
    assert message.header.stamp.sec > 0
    assert share_of(message, WHITE) > 0.002
    bench.wait_until(
        lambda: share_of(bench.heard["overlay"][-1], GREEN) == 0, "an answer is shown after it has ceased to count"
    )


def test_nothing_is_subscribed_until_somebody_looks(bench: Bench) -> None:
    bench.make(Overlay)
    bench.plug("camera/image_raw", real_image)
    topics = ("recognition", "sources", "camera/image_raw")
    bench.wait_until(lambda: bench.node.count_publishers("overlay") == 1, "there is no overlay")
    assert not any(map(bench.node.count_subscribers, topics))
    subscription = bench.node.create_subscription(Image, "overlay", lambda _: None, 1)
    bench.wait_until(lambda: all(map(bench.node.count_subscribers, topics)), "it does not listen")
    bench.node.destroy_subscription(subscription)
    bench.wait_until(lambda: not any(map(bench.node.count_subscribers, topics)), "it still listens")


def test_compressed_pictures_of_another_topic_and_broken_ones(bench: Bench) -> None:
    bench.make(Overlay, image_topic="rear/compressed")
    bench.hear("overlay", Image)
    publisher = bench.node.create_publisher(CompressedImage, "rear/compressed", 1)
    broken, whole = CompressedImage(format="jpeg"), CompressedImage(format="jpeg")
    broken.data = b"no picture"
    whole.data = cv2.imencode(".jpg", np.zeros((600, 800, 3), np.uint8))[1].tobytes()

    def drawn() -> bool:
        publisher.publish(broken)
        publisher.publish(whole)
        return bool(bench.heard["overlay"])

    bench.wait_until(drawn, "nothing is drawn")
    assert (bench.heard["overlay"][-1].width, bench.heard["overlay"][-1].height) == (800, 600)
