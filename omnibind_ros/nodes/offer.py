"""Publishers that say, once, what to do about a subscriber they cannot serve."""

from typing import Any

from rclpy.event_handler import PublisherEventCallbacks
from rclpy.node import Node
from rclpy.publisher import Publisher
from rclpy.qos import QoSProfile, qos_policy_name_from_kind


def offer(node: Node, message_type: type[Any], topic: str, quality_of_service: QoSProfile) -> Publisher:
    """A publisher; a subscriber that asks for another quality of service is logged with the remedy, once a policy."""
    told: set[str] = set()

    def tell(event: Any) -> None:
        policy = qos_policy_name_from_kind(event.last_policy_kind)
        if policy not in told:
            told.add(policy)
            node.get_logger().warning(
                f"a subscriber of {node.resolve_topic_name(topic)} asks for a QoS that is not offered ({policy}) and "
                "receives nothing: let it subscribe with volatile durability, and without deadline or liveliness"
            )

    return node.create_publisher(
        message_type, topic, quality_of_service, event_callbacks=PublisherEventCallbacks(incompatible_qos=tell)
    )
