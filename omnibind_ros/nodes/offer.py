"""Publishers whose QoS can be overridden, and that say, once, what to do about a subscriber they cannot serve."""

from copy import copy
from typing import Any

from rclpy.event_handler import PublisherEventCallbacks
from rclpy.exceptions import ParameterException
from rclpy.node import Node
from rclpy.publisher import Publisher
from rclpy.qos import QoSPolicyKind, QoSProfile, qos_policy_name_from_kind
from rclpy.qos_overriding_options import QoSOverridingOptions

from omnibind_ros.errors import ConfigurationError

_OVERRIDABLE = (QoSPolicyKind.HISTORY, QoSPolicyKind.DEPTH, QoSPolicyKind.DURABILITY, QoSPolicyKind.RELIABILITY)


def offer(node: Node, message_type: type[Any], topic: str, quality_of_service: QoSProfile) -> Publisher:
    """A publisher; the parameters `qos_overrides.<topic>.publisher.<policy>` count instead of what is given here.

    A subscriber that asks for another quality of service is logged with the remedy, once a policy. Raises
    ConfigurationError for an override that does not exist.
    """
    told: set[str] = set()
    full_name = node.resolve_topic_name(topic)

    def tell(event: Any) -> None:
        policy = qos_policy_name_from_kind(event.last_policy_kind)
        if policy not in told:
            told.add(policy)
            node.get_logger().warning(
                f"a subscriber of {full_name} asks for a QoS that is not offered ({policy}) and "
                "receives nothing: let it subscribe with volatile durability, and without deadline or liveliness, or "
                f"set `qos_overrides.{full_name}.publisher` as docs/parameters.md says"
            )

    try:
        return node.create_publisher(
            message_type,
            topic,
            copy(quality_of_service),  # rclpy writes the overrides into it
            event_callbacks=PublisherEventCallbacks(incompatible_qos=tell),
            qos_overriding_options=QoSOverridingOptions(_OVERRIDABLE),
        )
    except (RuntimeError, ParameterException) as error:
        raise ConfigurationError(
            f"the topic cannot be offered: {error}",
            remedy=f"correct `qos_overrides.{full_name}.publisher` as docs/parameters.md says",
            source=full_name,
        ) from error
