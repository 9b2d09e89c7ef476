"""What a subscription may ask for: asking for more than a publisher offers means receiving nothing from it."""

from collections.abc import Sequence
from typing import Any

from rclpy.qos import DurabilityPolicy, ReliabilityPolicy


def common_reliability(publishers: Sequence[Any]) -> ReliabilityPolicy:
    """Reliable where every publisher offers it."""
    offered = {publisher.qos_profile.reliability for publisher in publishers}
    return ReliabilityPolicy.RELIABLE if offered == {ReliabilityPolicy.RELIABLE} else ReliabilityPolicy.BEST_EFFORT


def common_durability(publishers: Sequence[Any]) -> DurabilityPolicy:
    """Transient local where every publisher offers it: what was said before is heard, too."""
    offered = {publisher.qos_profile.durability for publisher in publishers}
    everybody = offered == {DurabilityPolicy.TRANSIENT_LOCAL}
    return DurabilityPolicy.TRANSIENT_LOCAL if everybody else DurabilityPolicy.VOLATILE
