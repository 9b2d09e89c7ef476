from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("rclpy", reason="needs ROS 2: run `make setup`")

from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy

from omnibind_ros.nodes.common_offer import common_durability, common_reliability

RELIABLE, BEST_EFFORT = ReliabilityPolicy.RELIABLE, ReliabilityPolicy.BEST_EFFORT
KEPT, VOLATILE = DurabilityPolicy.TRANSIENT_LOCAL, DurabilityPolicy.VOLATILE


def publishers(**policies: list[Any]) -> list[Any]:
    ((name, offered),) = policies.items()
    return [SimpleNamespace(qos_profile=QoSProfile(depth=1, **{name: one})) for one in offered]


@pytest.mark.parametrize(
    ("offered", "asked"),
    [([RELIABLE], RELIABLE), ([RELIABLE, BEST_EFFORT], BEST_EFFORT), ([BEST_EFFORT], BEST_EFFORT)],
)
def test_no_more_is_asked_than_every_publisher_offers(offered: list[Any], asked: Any) -> None:
    assert common_reliability(publishers(reliability=offered)) is asked


@pytest.mark.parametrize(
    ("offered", "asked"), [([KEPT], KEPT), ([KEPT, VOLATILE], VOLATILE), ([VOLATILE, VOLATILE], VOLATILE)]
)
def test_what_was_said_before_is_asked_for_where_everybody_keeps_it(offered: list[Any], asked: Any) -> None:
    assert common_durability(publishers(durability=offered)) is asked
