"""Follows whatever publishes a sensor's data on a topic, for those who only look at it."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from rclpy.node import Node
from rclpy.qos import QoSProfile, ReliabilityPolicy
from rclpy.subscription import Subscription

from omnibind_ros.modality import Modality
from omnibind_ros.nodes.common_offer import common_reliability
from omnibind_ros.pipeline.source_settings import supported_type


class SensorFollower:
    """Type and reliability of the subscription follow the publishers; `poll` is called a few times a second.

    What cannot be subscribed is left alone: the node that recognises tells of it.
    """

    def __init__(
        self, node: Node, modality: Modality, topic: str, on_message: Callable[[Any], None], *, depth: int = 1
    ) -> None:
        self._node = node
        self._modality = modality
        self._topic = node.resolve_topic_name(topic)
        self._on_message = on_message
        self._depth = depth
        self._subscription: Subscription | None = None
        self._offer: tuple[str, ReliabilityPolicy] | None = None

    def poll(self) -> None:
        """Subscribe as the publishers there are now have it."""
        publishers = self._node.get_publishers_info_by_topic(self._topic)
        chosen = supported_type(self._modality, [one.topic_type for one in publishers])
        if chosen is None:
            return
        offer = (chosen, common_reliability(publishers))
        if offer == self._offer:
            return
        self.close()
        package, _, name = chosen.split("/")
        try:
            message_type = getattr(import_module(f"{package}.msg"), name)
            self._subscription = self._node.create_subscription(
                message_type, self._topic, self._on_message, QoSProfile(depth=self._depth, reliability=offer[1])
            )
        except (AttributeError, ModuleNotFoundError, RuntimeError):  # the last is rclpy's RCLError
            return
        self._offer = offer

    def close(self) -> None:
        """Unsubscribe."""
        if self._subscription is not None:
            self._node.destroy_subscription(self._subscription)
        self._subscription = self._offer = None
