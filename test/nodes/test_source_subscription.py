from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("rclpy", reason="needs ROS 2: run `make setup`")

from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from ros_bench import Bench, real_image
from sensor_msgs.msg import CompressedImage, Image
from std_msgs.msg import String

from omnibind_ros.fusion.source_state import LivenessSettings, SourceState
from omnibind_ros.inference.bundle import load_bundle
from omnibind_ros.modality import Modality
from omnibind_ros.nodes.source_subscription import SourceSubscription
from omnibind_ros.pipeline.source import Source
from omnibind_ros.pipeline.source_settings import SourceSettings

pytestmark = pytest.mark.ros

TOPIC = "/camera/image_raw"
NOW = 1_700_000_000_000_000_000
RELIABLE, BEST_EFFORT = ReliabilityPolicy.RELIABLE, ReliabilityPolicy.BEST_EFFORT


class Listener:
    """A node with one source, polled whenever a test looks."""

    def __init__(self, bench: Bench, bundle_path: Path) -> None:
        self.bench = bench
        self.node: Node = bench.make(lambda **arguments: Node("listener", **arguments))
        settings = SourceSettings("camera", Modality.IMAGE, "camera/image_raw", LivenessSettings(5.0, 0.0, 1e9))
        self.source = Source(settings, load_bundle(bundle_path))
        self.received: list[Any] = []
        self.subscription = SourceSubscription(self.node, self.source, self._on_message)

    def _on_message(self, source: Source, message: Any) -> None:
        assert source is self.source
        self.received.append(message)

    def wait_until(self, condition: Callable[[], Any], what: str) -> None:
        def polled() -> Any:
            self.subscription.poll()
            self.source.update(NOW)
            return condition()

        self.bench.wait_until(polled, what)

    def wait_for_state(self, state: SourceState) -> None:
        self.wait_until(lambda: self.source.state is state, f"the source did not become {state}")

    def hears_from(self, publisher: Any, message: Any) -> None:
        """Publishes until the message comes through."""
        self.received.clear()

        def heard() -> bool:
            publisher.publish(message)
            return message in self.received

        self.wait_until(heard, "the message did not come through")


@pytest.fixture
def listener(bench: Bench, bundle_path: Path) -> Listener:
    return Listener(bench, bundle_path)


def publisher(bench: Bench, message_type: Any, reliability: ReliabilityPolicy = RELIABLE) -> Any:
    return bench.node.create_publisher(message_type, TOPIC, QoSProfile(depth=1, reliability=reliability))


def image(frame_id: str) -> Image:
    message = Image()
    message.header.frame_id = frame_id
    return message


def test_it_waits_for_a_publisher_and_notices_when_it_goes(bench: Bench, listener: Listener) -> None:
    listener.wait_for_state(SourceState.ABSENT)
    camera = publisher(bench, Image)
    listener.wait_for_state(SourceState.WAITING)
    bench.node.destroy_publisher(camera)
    listener.wait_for_state(SourceState.ABSENT)


@pytest.mark.parametrize("reliability", [RELIABLE, BEST_EFFORT])
def test_it_asks_for_what_is_offered(bench: Bench, listener: Listener, reliability: ReliabilityPolicy) -> None:
    listener.hears_from(publisher(bench, Image, reliability), image("a"))
    (own,) = bench.node.get_subscriptions_info_by_topic(TOPIC)
    assert own.qos_profile.reliability == reliability


def test_a_best_effort_publisher_beside_a_reliable_one_is_heard_without_a_word(
    bench: Bench, listener: Listener, capfd: pytest.CaptureFixture[str]
) -> None:
    first = publisher(bench, Image, RELIABLE)
    listener.hears_from(first, image("first"))
    listener.hears_from(publisher(bench, Image, BEST_EFFORT), image("second"))
    listener.hears_from(first, image("first"))
    assert "cannot accept" not in capfd.readouterr().err


def test_a_transient_publisher_is_heard_too(bench: Bench, listener: Listener) -> None:
    latched = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
    listener.hears_from(bench.node.create_publisher(Image, TOPIC, latched), image("latched"))


def test_it_follows_a_topic_that_changes_its_type(bench: Bench, listener: Listener) -> None:
    raw = publisher(bench, Image)
    listener.hears_from(raw, image("raw"))
    bench.node.destroy_publisher(raw)
    compressed = CompressedImage(format="jpeg")
    listener.hears_from(publisher(bench, CompressedImage), compressed)


def test_a_type_it_cannot_read_is_a_fault_until_another_comes(bench: Bench, listener: Listener) -> None:
    text = publisher(bench, String)
    listener.wait_for_state(SourceState.FAULTY)
    assert "std_msgs/msg/String" in listener.source.report(NOW, 0).reason
    bench.node.destroy_publisher(text)
    listener.hears_from(publisher(bench, Image), image("raw"))
    listener.wait_for_state(SourceState.WAITING)


@pytest.mark.parametrize("type_name", ["absent_msgs/msg/Image", "sensor_msgs/msg/Absent"])
def test_a_type_that_is_not_installed_is_a_fault_with_the_remedy(
    listener: Listener, type_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    offer = SimpleNamespace(topic_type=type_name, qos_profile=QoSProfile(depth=1))
    monkeypatch.setattr(listener.node, "get_publishers_info_by_topic", lambda _: [offer])
    monkeypatch.setattr(
        "omnibind_ros.nodes.source_subscription.supported_type", lambda modality, offered: next(iter(offered))
    )
    listener.wait_for_state(SourceState.FAULTY)
    assert f"install ros-$ROS_DISTRO-{type_name.split('/', maxsplit=1)[0]}" in listener.source.report(NOW, 0).reason


def test_closing_unsubscribes(bench: Bench, listener: Listener) -> None:
    listener.hears_from(publisher(bench, Image), real_image(NOW))
    listener.subscription.close()
    bench.wait_until(lambda: not bench.node.get_subscriptions_info_by_topic(TOPIC), "it is still subscribed")
    listener.subscription.close()
