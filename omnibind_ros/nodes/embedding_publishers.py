"""The topics `embedding/<source>`, one for each source there is now."""

import threading
from collections.abc import Iterable

from rclpy.node import Node
from rclpy.publisher import Publisher
from rclpy.qos import QoSProfile
from sensor_msgs.msg import PointCloud2

from omnibind_ros.inference.embedding import Embedding
from omnibind_ros.nodes.offer import offer
from omnibind_ros.results.embedding import message_from_embedding

EMBEDDING_TOPIC = "embedding/"
# Results are few and small: a little history rides out a subscriber that is busy for a moment.
QOS = QoSProfile(depth=5)


class EmbeddingPublishers:
    """The executor's thread follows the sources, the worker publishes; each topic only while somebody listens."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._publishers: dict[str, Publisher] = {}
        self._lock = threading.Lock()

    @property
    def wanted(self) -> bool:
        """Whether anybody listens to a source's embedding."""
        with self._lock:
            return any(publisher.get_subscription_count() > 0 for publisher in self._publishers.values())

    def follow(self, sources: Iterable[str]) -> None:
        """Have a topic for each of these sources and no others."""
        names = set(sources)
        with self._lock:
            for name in self._publishers.keys() - names:
                self._node.destroy_publisher(self._publishers.pop(name))
            for name in sorted(names - self._publishers.keys()):
                self._publishers[name] = offer(self._node, PointCloud2, EMBEDDING_TOPIC + name, QOS)

    def publish(self, embedding: Embedding) -> None:
        """Publish a source's embedding, if the source is still there."""
        with self._lock:
            publisher = self._publishers.get(embedding.source)
            if publisher is not None and publisher.get_subscription_count() > 0:
                publisher.publish(message_from_embedding(embedding))

    def close(self) -> None:
        """Remove the topics."""
        self.follow(())
