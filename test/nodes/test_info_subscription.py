"""What the driver of a microphone says of its sound, whenever and however it says it."""

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("rclpy", reason="needs ROS 2: run `make setup`")
pytest.importorskip("audio_common_msgs", reason="needs audio_common_msgs: run `make setup`")

from audio_common_msgs.msg import AudioInfo
from diagnostic_msgs.msg import DiagnosticArray
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from ros_bench import Bench, real_audio
from std_msgs.msg import String

from omnibind_ros.nodes.perception import PerceptionNode

pytestmark = pytest.mark.ros

MICROPHONE = {"modality": "audio", "topic": "audio", "info_topic": "audio_info", "ttl": 1.5}
ONCE = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)


def info(coding: str) -> Any:
    return AudioInfo(channels=1, sample_rate=16_000, sample_format="S16LE", coding_format=coding)


def start(bench: Bench, bundle_path: Path) -> Any:
    bench.hear("sources", DiagnosticArray)
    return bench.make(
        PerceptionNode, bundle=str(bundle_path), always_on=True, sources=["microphone"], microphone=MICROPHONE
    )


def test_what_was_said_before_the_node_started_is_heard(bench: Bench, bundle_path: Path) -> None:
    bench.node.create_publisher(AudioInfo, "audio_info", ONCE).publish(info("mp3"))
    bench.plug("audio", real_audio)
    start(bench, bundle_path)
    assert "coded as 'mp3'" in bench.wait_for_state("microphone", "faulty").message


@pytest.mark.parametrize("reliability", [ReliabilityPolicy.RELIABLE, ReliabilityPolicy.BEST_EFFORT])
def test_a_driver_that_says_it_again_and_again_is_heard_and_believed(
    bench: Bench, bundle_path: Path, reliability: ReliabilityPolicy
) -> None:
    publisher = bench.node.create_publisher(AudioInfo, "audio_info", QoSProfile(depth=1, reliability=reliability))
    coding = "mp3"
    bench.node.create_timer(0.1, lambda: publisher.publish(info(coding)))
    bench.plug("audio", real_audio)
    start(bench, bundle_path)
    bench.wait_for_state("microphone", "faulty")
    coding = "wave"
    bench.wait_for_state("microphone", "live")


def test_a_topic_of_another_type_is_told_once_and_the_parameters_hold(
    bench: Bench, bundle_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    bench.node.create_publisher(String, "audio_info", 1)
    bench.plug("audio", real_audio)
    node = start(bench, bundle_path)
    bench.wait_for_state("microphone", "live")
    for _ in range(3):
        node._poll()
    told = "microphone: /audio_info carries std_msgs/msg/String, not audio_common_msgs/msg/AudioInfo"
    assert capfd.readouterr().err.count(told) == 1


def test_it_is_given_back_with_its_source(bench: Bench, bundle_path: Path) -> None:
    bench.node.create_publisher(AudioInfo, "audio_info", ONCE)
    node = start(bench, bundle_path)

    def listens() -> bool:
        return "/audio_info" in {subscription.topic_name for subscription in node.subscriptions}

    bench.wait_until(listens, "it does not listen to what the driver says")
    assert bench.transition("perception", "deactivate")
    assert not listens()
