from typing import Any

import pytest

pytest.importorskip("rclpy", reason="needs ROS 2: run `make setup`")

from rclpy.node import Node
from ros_bench import Bench
from sensor_msgs.msg import PointCloud2
from tiny_bundle import unit_vectors
from vision_msgs.msg import Classification

from omnibind_ros.inference.embedding import Embedding
from omnibind_ros.modality import Modality
from omnibind_ros.nodes import result_publishers
from omnibind_ros.nodes.result_publishers import ResultPublishers
from omnibind_ros.pipeline.recognition import Contribution, Recognition
from omnibind_ros.recognition.recogniser import Answer, Hypothesis
from omnibind_ros.results.embedding import embedding_from_message
from omnibind_ros.results.evidence import evidence_from_message

pytestmark = pytest.mark.ros

SPACE = 7
VECTOR = unit_vectors(1)[0]
EMBEDDING = Embedding("camera", Modality.IMAGE, VECTOR, 1.0, 4, "frame", SPACE)
MUG = Hypothesis("mug", 0.9)
RECOGNITION = Recognition(
    5, "frame", Answer((MUG,), False), VECTOR, {"camera": Contribution(1.0, EMBEDDING, lambda: MUG)}
)


@pytest.fixture
def results(bench: Bench) -> ResultPublishers:
    node: Any = bench.make(lambda **arguments: Node("robot", **arguments))
    return ResultPublishers(node)


def test_for_nobody_no_message_is_made(results: ResultPublishers, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a message was made for nobody")

    for name in ("embedding", "evidence", "recognition"):
        monkeypatch.setattr(result_publishers, f"message_from_{name}", refuse)
    assert not results.wanted
    results.publish(RECOGNITION, SPACE)


@pytest.mark.parametrize(
    ("topic", "message_type"),
    [("recognition", Classification), ("evidence", PointCloud2), ("fused_embedding", PointCloud2)],
)
def test_each_makes_recognition_wanted(bench: Bench, results: ResultPublishers, topic: str, message_type: Any) -> None:
    bench.hear(topic, message_type)
    bench.wait_until(lambda: results.wanted, "the listener is not seen")


def test_results_arrive(bench: Bench, results: ResultPublishers) -> None:
    recognitions = bench.hear("recognition", Classification)
    fused = bench.hear("fused_embedding", PointCloud2)
    evidence = bench.hear("evidence", PointCloud2)

    def arrived() -> bool:
        results.publish(RECOGNITION, SPACE)
        return bool(recognitions and fused and evidence)

    bench.wait_until(arrived, "not everything arrived")
    assert recognitions[-1].results[0].class_id == "mug"
    received = embedding_from_message(fused[-1], source="fused")
    assert (received.modality, received.space, received.frame_id) == (None, SPACE, "frame")
    (member,) = evidence_from_message(evidence[-1]).members
    assert (member.source, member.stamp_ns) == ("camera", 4)


def test_closing_takes_the_topics_away(bench: Bench, results: ResultPublishers) -> None:
    topics = ("recognition", "evidence", "fused_embedding")
    bench.wait_until(lambda: all(bench.node.count_publishers(one) for one in topics), "the topics are not there")
    results.close()
    bench.wait_until(lambda: not any(bench.node.count_publishers(one) for one in topics), "they are still there")
