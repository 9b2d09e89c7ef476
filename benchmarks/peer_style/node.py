"""A node in the style of common inference nodes: `python -m benchmarks.peer_style.node IMAGE_TOPIC jpeg|raw`.

Ten messages are kept, delivered reliably, and one callback decodes, infers and publishes, one message after the other.
The functions and networks are those of `perception`.
"""

import sys
from typing import Any

from rclpy.node import Node
from rclpy.qos import QoSProfile
from sensor_msgs.msg import CompressedImage, Image
from vision_msgs.msg import Classification, ObjectHypothesis

from benchmarks.bare import BarePath
from benchmarks.robot import default_bundle
from omnibind_ros.nodes.process import run
from omnibind_ros.recognition.recogniser import Recogniser

_QUEUE = QoSProfile(depth=10)


class PeerNode(Node):
    """Recognises every image of one topic, in the order in which they came."""

    def __init__(self, topic: str, message_type: type[Any]) -> None:
        super().__init__("peer")
        bundle = default_bundle()
        self._path = BarePath(bundle)
        self._recogniser = Recogniser.from_bundle(bundle, most=5)
        self._publisher = self.create_publisher(Classification, "recognition", _QUEUE)
        self.create_subscription(message_type, topic, self._recognise, _QUEUE)

    def _recognise(self, message: Any) -> None:
        answer = self._recogniser.recognise(self._path(message).vector, 1)
        results = [ObjectHypothesis(class_id=one.label, score=one.score) for one in answer.hypotheses]
        self._publisher.publish(Classification(header=message.header, results=results))


if __name__ == "__main__":
    run(lambda: PeerNode(sys.argv[1], CompressedImage if sys.argv[2] == "jpeg" else Image), [])
