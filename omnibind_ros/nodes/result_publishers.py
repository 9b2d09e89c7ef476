"""The topics on which results leave; each is filled only while somebody listens."""

from collections.abc import Sequence
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray
from rclpy.node import Node
from rclpy.publisher import Publisher
from rclpy.qos import QoSProfile
from sensor_msgs.msg import PointCloud2
from vision_msgs.msg import Classification

from omnibind_ros.inference.embedding import Embedding
from omnibind_ros.pipeline.recognition import Contribution, Recognition
from omnibind_ros.pipeline.source import SourceReport
from omnibind_ros.results.diagnostics import NodeHealth, message_from_health
from omnibind_ros.results.embedding import message_from_embedding
from omnibind_ros.results.recognition import message_from_recognition
from omnibind_ros.results.sources import message_from_reports

# Results are few and small: a little history rides out a subscriber that is busy for a moment.
_QOS = QoSProfile(depth=5)


class ResultPublishers:
    """Publishers of recognitions, embeddings and states."""

    def __init__(self, node: Node, sources: Sequence[str]) -> None:
        self._node = node
        self._recognition = node.create_publisher(Classification, "recognition", _QOS)
        self._fused = node.create_publisher(PointCloud2, "fused_embedding", _QOS)
        self._embeddings = {
            source: node.create_publisher(PointCloud2, f"embedding/{source}", _QOS) for source in sources
        }
        self._sources = node.create_publisher(DiagnosticArray, "sources", _QOS)
        self._diagnostics = node.create_publisher(DiagnosticArray, "/diagnostics", _QOS)

    @property
    def recognition_wanted(self) -> bool:
        """Whether anybody listens to what needs fusion."""
        return _listened(self._recognition) or _listened(self._fused)

    @property
    def embeddings_wanted(self) -> bool:
        """Whether anybody listens to a source's embedding."""
        return any(_listened(publisher) for publisher in self._embeddings.values())

    def embedding(self, embedding: Embedding) -> None:
        """Publish a source's embedding."""
        _publish(self._embeddings[embedding.source], lambda: message_from_embedding(embedding))

    def recognition(self, recognition: Recognition, space: int) -> None:
        """Publish a recognition and its fused embedding."""
        _publish(self._recognition, lambda: message_from_recognition(recognition))
        fused = Embedding("fused", None, recognition.vector, 1.0, recognition.stamp_ns, recognition.frame_id, space)
        _publish(self._fused, lambda: message_from_embedding(fused))

    def sources(self, reports: Sequence[SourceReport], contributions: dict[str, Contribution], stamp_ns: int) -> None:
        """Publish the state of the sources."""
        _publish(self._sources, lambda: message_from_reports(reports, contributions, stamp_ns=stamp_ns))

    def health(self, health: NodeHealth, stamp_ns: int) -> None:
        """Publish the node's own health."""
        _publish(self._diagnostics, lambda: message_from_health(health, stamp_ns=stamp_ns))

    def close(self) -> None:
        """Remove the topics."""
        for publisher in (
            self._recognition, self._fused, self._sources, self._diagnostics, *self._embeddings.values()
        ):  # fmt: skip
            self._node.destroy_publisher(publisher)


def _listened(publisher: Publisher) -> bool:
    return publisher.get_subscription_count() > 0


def _publish(publisher: Publisher, make_message: Any) -> None:
    if _listened(publisher):
        publisher.publish(make_message())
