"""Keeps one source subscribed to whatever publishes on its topic: type and reliability follow the publisher."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from rclpy.event_handler import SubscriptionEventCallbacks
from rclpy.node import Node
from rclpy.qos import QoSPolicyKind, QoSProfile, ReliabilityPolicy
from rclpy.subscription import Subscription

from omnibind_ros.nodes.common_offer import common_reliability
from omnibind_ros.nodes.info_subscription import InfoSubscription
from omnibind_ros.pipeline.inbox import STREAM_BOUND
from omnibind_ros.pipeline.source import Source
from omnibind_ros.pipeline.source_settings import MESSAGE_TYPES, STREAMS, supported_type


class SourceSubscription:
    """`poll` is called a few times a second; everything runs in the executor's thread."""

    def __init__(self, node: Node, source: Source, on_message: Callable[[Source, Any], None]) -> None:
        self._node = node
        self._source = source
        self._on_message = on_message
        self._topic = node.resolve_topic_name(source.settings.topic)
        self._subscription: Subscription | None = None
        self._offer: tuple[str, ReliabilityPolicy] | None = None
        self._told: set[str] = set()
        self._info = InfoSubscription(node, source) if source.settings.audio.info_topic else None

    def poll(self) -> None:
        """Look at who publishes now and subscribe accordingly."""
        if self._info is not None:
            self._info.poll()
        publishers = self._node.get_publishers_info_by_topic(self._topic)
        self._source.publishers_changed(len(publishers))
        if not publishers:
            return
        types = [publisher.topic_type for publisher in publishers]
        chosen = supported_type(self._source.settings.modality, types)
        if chosen is None:
            expected = " or ".join(MESSAGE_TYPES[self._source.settings.modality])
            self._refuse(f"{self._topic} carries {', '.join(sorted(set(types)))}, not {expected} (remap the topic)")
            return
        reliability = common_reliability(publishers)
        if self._offer != (chosen, reliability):
            self._subscribe(chosen, reliability)

    def close(self) -> None:
        """Unsubscribe."""
        self._unsubscribe()
        if self._info is not None:
            self._info.close()

    def _subscribe(self, type_name: str, reliability: ReliabilityPolicy) -> None:
        package, _, name = type_name.split("/")
        try:
            message_type = getattr(import_module(f"{package}.msg"), name)
        except (AttributeError, ModuleNotFoundError):
            self._refuse(f"the message type {type_name} is not installed (install ros-$ROS_DISTRO-{package})")
            return
        self._unsubscribe()
        self._source.mismatched("")
        depth = STREAM_BOUND if self._source.settings.modality in STREAMS else 1
        try:
            self._subscription = self._node.create_subscription(
                message_type,
                self._topic,
                lambda message: self._on_message(self._source, message),
                QoSProfile(depth=depth, reliability=reliability),
                event_callbacks=SubscriptionEventCallbacks(
                    matched=self._on_matched, incompatible_qos=self._on_incompatible_qos
                ),
            )
        except RuntimeError as error:  # rclpy's RCLError
            self._refuse(f"the subscription failed: {error} (it is tried again)")
            return
        self._offer = (type_name, reliability)

    def _unsubscribe(self) -> None:
        if self._subscription is not None:
            self._node.destroy_subscription(self._subscription)
            self._subscription = None
            self._offer = None

    def _refuse(self, problem: str) -> None:
        self._unsubscribe()
        self._source.mismatched(problem)

    def _on_matched(self, event: Any) -> None:
        # Faster than the next poll, and the only prompt sign of a driver that ended cleanly.
        if event.current_count == 0 or event.current_count_change > 0:
            self._source.publishers_changed(event.current_count)

    def _on_incompatible_qos(self, event: Any) -> None:
        if event.last_policy_kind == QoSPolicyKind.RELIABILITY:
            return  # a best-effort publisher joined reliable ones; the next poll asks for less
        self._tell(
            f"a publisher on {self._topic} offers a QoS this subscription cannot accept ({event.last_policy_kind}): "
            "let the driver publish with volatile durability and best-effort or reliable delivery"
        )

    def _tell(self, problem: str) -> None:
        if problem not in self._told:
            self._told.add(problem)
            self._node.get_logger().warning(f"{self._source.name}: {problem}")
