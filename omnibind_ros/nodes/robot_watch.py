"""Subscribes to what a robot says and to what its sensors send, for as long as somebody looks."""

import time
from collections import deque
from collections.abc import Callable
from threading import Lock
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray
from rclpy.node import Node
from rclpy.subscription import Subscription
from vision_msgs.msg import Classification

from omnibind_ros.dashboard.pictures import MESSAGES_SHOWN, picture_of
from omnibind_ros.dashboard.view import Picture, RobotView
from omnibind_ros.errors import MessageError
from omnibind_ros.messages.text import text_from_message
from omnibind_ros.modality import Modality
from omnibind_ros.nodes.sensor_follower import SensorFollower


class _SensorWatch:
    """Keeps the newest messages of one sensor; draws them only when asked, and each only once."""

    def __init__(self, node: Node, modality: Modality, topic: str) -> None:
        self.follows = (modality, topic)
        self._modality = modality
        depth = MESSAGES_SHOWN.get(modality, 1)
        self._follower = SensorFollower(node, modality, topic, self._take, depth=depth)
        self._messages: deque[Any] = deque(maxlen=depth)
        self._number = 0
        self._lock = Lock()
        self._drawn: tuple[int, bytes] = (0, b"")
        self.poll = self._follower.poll
        self.close = self._follower.close

    def picture(self) -> Picture:
        """Its number, or its words."""
        number, messages = self._newest()
        if not messages or self._modality is not Modality.TEXT:
            return Picture(number=number)
        try:
            return Picture(number=number, words=text_from_message(messages[-1]))
        except MessageError:
            return Picture(number=number)

    def draw(self) -> bytes | None:
        """A JPEG of the newest messages; None when there is none. Raises MessageError."""
        number, messages = self._newest()
        if not messages or self._modality is Modality.TEXT:
            return None
        if self._drawn[0] != number:
            self._drawn = (number, picture_of(self._modality, messages))
        return self._drawn[1]

    def _newest(self) -> tuple[int, list[Any]]:
        with self._lock:
            return self._number, list(self._messages)

    def _take(self, message: Any) -> None:
        with self._lock:
            self._messages.append(message)
            self._number += 1


class RobotWatch:
    """`poll` is called a few times a second, in the executor's thread; `pictures` and `draw` in any other."""

    def __init__(self, node: Node, view: RobotView, recognisers: Callable[[], list[str]]) -> None:
        self._node = node
        self._view = view
        self._recognisers = recognisers
        self._results: list[Subscription] = []
        self._sensors: dict[str, _SensorWatch] = {}
        self._lock = Lock()

    def poll(self, *, watched: bool) -> None:
        """Follow the sources there are while somebody looks, and nothing while nobody does."""
        if not watched:
            self.close()
            return
        if not self._results:
            self._results = [
                self._node.create_subscription(
                    Classification, "recognition", lambda one: self._view.recognised(one, time.monotonic()), 10
                ),
                self._node.create_subscription(
                    DiagnosticArray, "sources", lambda one: self._view.reported(one, time.monotonic()), 10
                ),
                self._node.create_subscription(DiagnosticArray, "/diagnostics", self._view.diagnosed, 50),
            ]
        self._view.found(self._recognisers())
        wanted = {
            source.name: (Modality(source.modality), source.topic)
            for source in self._view.sources
            if source.modality in set(map(str, Modality)) and source.topic
        }
        with self._lock:
            left = [name for name, sensor in self._sensors.items() if wanted.get(name) != sensor.follows]
            gone = [self._sensors.pop(name) for name in left]
            for name in wanted.keys() - self._sensors.keys():
                self._sensors[name] = _SensorWatch(self._node, *wanted[name])
            sensors = list(self._sensors.values())
        for sensor in gone:
            sensor.close()
        for sensor in sensors:
            sensor.poll()

    def close(self) -> None:
        """Give every topic back."""
        for subscription in self._results:
            self._node.destroy_subscription(subscription)
        self._results = []
        with self._lock:
            sensors, self._sensors = list(self._sensors.values()), {}
        for sensor in sensors:
            sensor.close()

    def pictures(self) -> dict[str, Picture]:
        """What there is to see of each source."""
        with self._lock:
            return {name: sensor.picture() for name, sensor in self._sensors.items()}

    def draw(self, source: str) -> bytes | None:
        """The newest picture of a source as a JPEG; None when there is none. Raises MessageError."""
        with self._lock:
            sensor = self._sensors.get(source)
        return sensor.draw() if sensor is not None else None
