"""A node that answers every image without looking at it: `python -m benchmarks.end_to_end.echo TOPIC=jpeg|raw …`.

What it takes is the way there and back: DDS, conversions and the executor of rclpy. It answers on `echo`.
"""

import sys
from typing import Any

from rclpy.node import Node
from rclpy.qos import QoSProfile, qos_profile_sensor_data
from sensor_msgs.msg import CompressedImage, Image
from vision_msgs.msg import Classification

from omnibind_ros.nodes.process import run


class EchoNode(Node):
    """Sends the header of every image back."""

    def __init__(self, topics: dict[str, type[Any]]) -> None:
        super().__init__("echo")
        self._publisher = self.create_publisher(Classification, "echo", QoSProfile(depth=5))
        for topic, message_type in topics.items():
            self.create_subscription(message_type, topic, self._answer, qos_profile_sensor_data)

    def _answer(self, message: Any) -> None:
        self._publisher.publish(Classification(header=message.header))


if __name__ == "__main__":
    chosen = dict(argument.split("=") for argument in sys.argv[1:])
    kinds = {"jpeg": CompressedImage, "raw": Image}
    run(lambda: EchoNode({topic: kinds[kind] for topic, kind in chosen.items()}), [])
