from typing import Any

import numpy as np
import pytest

pytest.importorskip("rclpy", reason="needs ROS 2: run `make setup`")

from diagnostic_msgs.msg import DiagnosticArray
from rclpy.node import Node
from ros_bench import Bench
from sensor_msgs.msg import PointCloud2
from tiny_bundle import unit_vectors
from vision_msgs.msg import Classification

from omnibind_ros.inference.embedding import Embedding
from omnibind_ros.modality import Modality
from omnibind_ros.nodes import result_publishers
from omnibind_ros.nodes.result_publishers import ResultPublishers
from omnibind_ros.pipeline.recognition import Recognition
from omnibind_ros.recognition.recogniser import Answer, Hypothesis
from omnibind_ros.results.diagnostics import NodeHealth
from omnibind_ros.results.embedding import embedding_from_message

pytestmark = pytest.mark.ros

SPACE = 7
VECTOR = unit_vectors(1)[0]
RECOGNITION = Recognition(5, "frame", Answer((Hypothesis("mug", 0.9),), False), VECTOR, {})
EMBEDDING = Embedding("camera", Modality.IMAGE, VECTOR, 1.0, 5, "frame", SPACE)


@pytest.fixture
def results(bench: Bench) -> ResultPublishers:
    node: Any = bench.make(lambda **arguments: Node("robot", **arguments))
    return ResultPublishers(node, ["camera", "thermal"])


def test_nothing_is_wanted_and_no_message_is_made_while_nobody_listens(
    results: ResultPublishers, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a message was made for nobody")

    for name in ("embedding", "recognition", "reports", "health"):
        monkeypatch.setattr(result_publishers, f"message_from_{name}", refuse)
    assert not results.recognition_wanted
    assert not results.embeddings_wanted
    results.embedding(EMBEDDING)
    results.recognition(RECOGNITION, SPACE)
    results.sources([], {}, 0)
    results.health(NodeHealth("robot", "fine", False, {}), 0)


@pytest.mark.parametrize(
    ("topic", "message_type", "wanted"),
    [
        ("recognition", Classification, (True, False)),
        ("fused_embedding", PointCloud2, (True, False)),
        ("embedding/thermal", PointCloud2, (False, True)),
        ("sources", DiagnosticArray, (False, False)),
    ],
)
def test_what_is_wanted_goes_by_who_listens(
    bench: Bench, results: ResultPublishers, topic: str, message_type: Any, wanted: tuple[bool, bool]
) -> None:
    bench.hear(topic, message_type)
    bench.wait_until(lambda: bench.node.count_publishers(topic) == 1, "the topic is not there")
    if any(wanted):
        bench.wait_until(lambda: results.recognition_wanted or results.embeddings_wanted, "the listener is not seen")
    assert (results.recognition_wanted, results.embeddings_wanted) == wanted


def test_results_arrive(bench: Bench, results: ResultPublishers) -> None:
    recognitions = bench.hear("recognition", Classification)
    fused = bench.hear("fused_embedding", PointCloud2)
    own = bench.hear("embedding/camera", PointCloud2)

    def arrived() -> bool:
        results.recognition(RECOGNITION, SPACE)
        results.embedding(EMBEDDING)
        return bool(recognitions and fused and own)

    bench.wait_until(arrived, "not everything arrived")
    assert recognitions[-1].results[0].class_id == "mug"
    received = embedding_from_message(fused[-1], source="fused")
    assert (received.modality, received.space, received.frame_id) == (None, SPACE, "frame")
    np.testing.assert_array_equal(embedding_from_message(own[-1], source="camera").vector, VECTOR)


def test_closing_takes_the_topics_away(bench: Bench, results: ResultPublishers) -> None:
    bench.wait_until(lambda: bench.node.count_publishers("embedding/camera") == 1, "the topic is not there")
    results.close()
    for topic in ("recognition", "fused_embedding", "embedding/camera", "sources"):
        bench.wait_until(lambda one=topic: bench.node.count_publishers(one) == 0, f"{topic} is still there")
