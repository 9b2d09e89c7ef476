"""Keeps an audio source subscribed to the topic on which its driver says how the sound is to be read."""

from importlib import import_module
from typing import Any

from rclpy.node import Node
from rclpy.qos import QoSProfile
from rclpy.subscription import Subscription

from omnibind_ros.nodes.common_offer import common_durability, common_reliability
from omnibind_ros.pipeline.source import Source
from omnibind_ros.pipeline.source_settings import AUDIO_INFO_TYPE


class InfoSubscription:
    """`poll` is called a few times a second; everything runs in the executor's thread."""

    def __init__(self, node: Node, source: Source) -> None:
        self._node = node
        self._source = source
        self._topic = node.resolve_topic_name(source.settings.audio.info_topic)
        self._subscription: Subscription | None = None
        self._offer: QoSProfile | None = None
        self._told = ""

    def poll(self) -> None:
        """Look at who publishes now and subscribe accordingly."""
        publishers = self._node.get_publishers_info_by_topic(self._topic)
        if not publishers:
            return
        types = {publisher.topic_type for publisher in publishers}
        if AUDIO_INFO_TYPE not in types:
            self._tell(f"{self._topic} carries {', '.join(sorted(types))}, not {AUDIO_INFO_TYPE}")
            return
        offer = QoSProfile(
            depth=1, reliability=common_reliability(publishers), durability=common_durability(publishers)
        )
        if self._offer != offer:
            self._subscribe(offer)

    def close(self) -> None:
        """Unsubscribe."""
        if self._subscription is not None:
            self._node.destroy_subscription(self._subscription)
            self._subscription = self._offer = None

    def _subscribe(self, offer: QoSProfile) -> None:
        package, _, name = AUDIO_INFO_TYPE.split("/")
        try:
            message_type = getattr(import_module(f"{package}.msg"), name)
        except (AttributeError, ModuleNotFoundError):
            self._tell(f"the message type {AUDIO_INFO_TYPE} is not installed (install ros-$ROS_DISTRO-{package})")
            return
        self.close()
        self._subscription = self._node.create_subscription(message_type, self._topic, self._describe, offer)
        self._offer = offer

    def _describe(self, info: Any) -> None:
        self._source.describe(info)

    def _tell(self, problem: str) -> None:
        if problem != self._told:
            self._told = problem
            self._node.get_logger().warning(f"{self._source.name}: {problem}")
