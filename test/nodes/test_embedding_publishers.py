from typing import Any

import numpy as np
import pytest

pytest.importorskip("rclpy", reason="needs ROS 2: run `make setup`")

from rclpy.node import Node
from ros_bench import Bench
from sensor_msgs.msg import PointCloud2
from tiny_bundle import unit_vectors

from omnibind_ros.inference.embedding import Embedding
from omnibind_ros.modality import Modality
from omnibind_ros.nodes import embedding_publishers
from omnibind_ros.nodes.embedding_publishers import EmbeddingPublishers
from omnibind_ros.results.embedding import embedding_from_message

pytestmark = pytest.mark.ros

VECTOR = unit_vectors(1)[0]
EMBEDDING = Embedding("camera", Modality.IMAGE, VECTOR, 1.0, 5, "frame", 7)


@pytest.fixture
def publishers(bench: Bench) -> EmbeddingPublishers:
    node: Any = bench.make(lambda **arguments: Node("robot", **arguments))
    made = EmbeddingPublishers(node)
    made.follow(["camera", "thermal"])
    return made


def test_for_nobody_no_message_is_made(publishers: EmbeddingPublishers, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a message was made for nobody")

    monkeypatch.setattr(embedding_publishers, "message_from_embedding", refuse)
    assert not publishers.wanted
    publishers.publish(EMBEDDING)


def test_an_embedding_arrives_at_who_listens(bench: Bench, publishers: EmbeddingPublishers) -> None:
    heard = bench.hear("embedding/camera", PointCloud2)
    bench.wait_until(lambda: publishers.wanted, "the listener is not seen")

    def arrived() -> bool:
        publishers.publish(EMBEDDING)
        return bool(heard)

    bench.wait_until(arrived, "nothing arrived")
    np.testing.assert_array_equal(embedding_from_message(heard[-1], source="camera").vector, VECTOR)


def test_topics_come_and_go_with_the_sources(bench: Bench, publishers: EmbeddingPublishers) -> None:
    publishers.follow(["thermal", "microphone"])
    for topic, count in (("camera", 0), ("thermal", 1), ("microphone", 1)):
        bench.wait_until(
            lambda one=f"embedding/{topic}", expected=count: bench.node.count_publishers(one) == expected, topic
        )
    publishers.publish(EMBEDDING)  # of a source that has just gone
    publishers.close()
    bench.wait_until(lambda: bench.node.count_publishers("embedding/thermal") == 0, "the topic is still there")
