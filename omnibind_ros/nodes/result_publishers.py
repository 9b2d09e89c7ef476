"""The topics on which recognitions leave; each is filled only while somebody listens."""

from rclpy.node import Node
from rclpy.publisher import Publisher
from sensor_msgs.msg import PointCloud2
from vision_msgs.msg import Classification

from omnibind_ros.inference.embedding import Embedding
from omnibind_ros.nodes.embedding_publishers import QOS
from omnibind_ros.nodes.offer import offer
from omnibind_ros.pipeline.recognition import Recognition
from omnibind_ros.results.embedding import message_from_embedding
from omnibind_ros.results.evidence import Evidence, message_from_evidence
from omnibind_ros.results.recognition import message_from_recognition


class ResultPublishers:
    """Publishers of recognitions, of what they were made of, and of fused embeddings."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._recognition = offer(node, Classification, "recognition", QOS)
        self._evidence = offer(node, PointCloud2, "evidence", QOS)
        self._fused = offer(node, PointCloud2, "fused_embedding", QOS)

    @property
    def wanted(self) -> bool:
        """Whether anybody listens."""
        return any(map(_listened, (self._recognition, self._evidence, self._fused)))

    def publish(self, recognition: Recognition, space: int) -> None:
        """Publish a recognition, its evidence and its fused embedding."""
        if _listened(self._evidence):
            self._evidence.publish(message_from_evidence(Evidence.of(recognition)))
        if _listened(self._recognition):
            self._recognition.publish(message_from_recognition(recognition))
        if _listened(self._fused):
            fused = Embedding("fused", None, recognition.vector, 1.0, recognition.stamp_ns, recognition.frame_id, space)
            self._fused.publish(message_from_embedding(fused))

    def close(self) -> None:
        """Remove the topics."""
        for publisher in (self._recognition, self._evidence, self._fused):
            self._node.destroy_publisher(publisher)


def _listened(publisher: Publisher) -> bool:
    return publisher.get_subscription_count() > 0
