"""The `overlay` node: the camera's frames with what the robot recognises, for rqt_image_view, RViz and Foxglove.

Nothing is subscribed, and so nothing is drawn, while nobody looks.
"""

import time
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray
from rclpy.node import Node
from rclpy.qos import QoSProfile
from rclpy.subscription import Subscription
from sensor_msgs.msg import Image
from vision_msgs.msg import Classification

from omnibind_ros.dashboard.overlay_picture import Caption, OverlayPicture
from omnibind_ros.dashboard.view import RobotView
from omnibind_ros.errors import MessageError
from omnibind_ros.messages.header import frame_of, stamp_ns_of
from omnibind_ros.messages.image import rgb_from_image
from omnibind_ros.modality import Modality
from omnibind_ros.nodes.command_line import check_arguments
from omnibind_ros.nodes.driver_messages import image_message
from omnibind_ros.nodes.journal import Journal
from omnibind_ros.nodes.offer import offer
from omnibind_ros.nodes.parameters import declare, value
from omnibind_ros.nodes.process import run
from omnibind_ros.nodes.sensor_follower import SensorFollower
from omnibind_ros.pipeline.parameters import ParameterSpec

PARAMETERS = (
    ParameterSpec(
        "image_topic",
        "camera/image_raw",
        "Topic of the pictures to draw on, Image or CompressedImage.",
        takes_effect="at start",
    ),
    ParameterSpec("max_rate", 15.0, "Most pictures a second, Hz.", (0.1, 1000.0), takes_effect="at start", unit="Hz"),
)
POLL_S = 0.25
# Large pictures, of which only the newest matters.
_QOS = QoSProfile(depth=1)


class Overlay(Node):
    """Follows camera and recognition only while somebody subscribes to `overlay`."""

    def __init__(self, **node_arguments: Any) -> None:
        super().__init__("overlay", **node_arguments)
        declare(self, PARAMETERS)
        self._journal = Journal(self.get_logger())
        self._period_s = 1.0 / value(self, "max_rate")
        self._due_s = 0.0
        self._view = RobotView()
        self._picture = OverlayPicture()
        self._publisher = offer(self, Image, "overlay", _QOS)
        self._results: list[Subscription] = []
        self._camera = SensorFollower(self, Modality.IMAGE, value(self, "image_topic"), self._draw)
        self.create_timer(POLL_S, self._poll)

    def _poll(self) -> None:
        if self._publisher.get_subscription_count() == 0:
            self._rest()
            return
        if not self._results:
            self._results = [
                self.create_subscription(
                    Classification, "recognition", lambda one: self._view.recognised(one, time.monotonic()), 10
                ),
                self.create_subscription(
                    DiagnosticArray, "sources", lambda one: self._view.reported(one, time.monotonic()), 10
                ),
            ]
        self._camera.poll()

    def _rest(self) -> None:
        for subscription in self._results:
            self.destroy_subscription(subscription)
        self._results = []
        self._camera.close()

    def _draw(self, message: Any) -> None:
        now_s = time.monotonic()
        if now_s < self._due_s:
            return
        self._due_s = max(self._due_s, now_s - self._period_s) + self._period_s
        try:
            rgb = rgb_from_image(message)
        except MessageError as error:
            self._journal.tell_once(error.at(value(self, "image_topic")))
            return
        snapshot = self._view.snapshot(0, now_s)
        label, score = snapshot.answer.results[0] if snapshot.answer else (None, 0.0)
        live = [source.name for source in snapshot.sources if source.state == "live"]
        picture = self._picture.draw(rgb, Caption(label, score, live))
        stamp_ns = stamp_ns_of(message) or self.get_clock().now().nanoseconds
        self._publisher.publish(image_message(picture, "rgb8", stamp_ns, frame_of(message)))


def main(arguments: list[str] | None = None) -> None:
    """Entry point of `ros2 run omnibind_ros overlay`."""
    check_arguments("overlay", __doc__, PARAMETERS, arguments)
    run(Overlay, arguments)


if __name__ == "__main__":
    main()
