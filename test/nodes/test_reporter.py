from typing import Any

import pytest

pytest.importorskip("rclpy", reason="needs ROS 2: run `make setup`")

from diagnostic_msgs.msg import DiagnosticArray
from rclpy.node import Node
from ros_bench import Bench

from omnibind_ros.fusion.source_state import SourceState
from omnibind_ros.modality import Modality
from omnibind_ros.nodes.embedding_publishers import QOS
from omnibind_ros.nodes.reporter import Reporter
from omnibind_ros.pipeline.source import SourceReport

pytestmark = pytest.mark.ros


class Supply:
    """One source, and a count of how often it was asked for a report."""

    def __init__(self) -> None:
        self.state = SourceState.LIVE
        self.asked = 0

    def reports(self, now_ns: int) -> list[SourceReport]:
        self.asked += 1
        return [SourceReport("camera", Modality.IMAGE, "x", self.state, "so it is", 0.1, 9.0, 0.1, 1.0, 0, 0, 0.5)]

    def states(self) -> dict[str, SourceState]:
        return {"camera": self.state}

    def details(self) -> dict[str, str]:
        return {"image_encoder": "abacus"}


class Engines:
    failed: tuple[str, ...] = ()

    def details(self) -> dict[str, str]:
        return {"backend": "steam"}


class Desk:
    def __init__(self, bench: Bench) -> None:
        self.supply: Any = Supply()
        node: Any = bench.make(lambda **arguments: Node("robot", **arguments))
        self.backends: Any = Engines()
        self.reporter = Reporter(node, "sources", QOS, self.backends, task="counting")

    def report(self, *, changed: bool = False) -> bool:
        self.reporter.report(self.supply, {}, {"bundle": "tiny"}, 5, changed=changed)
        return False


@pytest.fixture
def desk(bench: Bench) -> Desk:
    return Desk(bench)


def test_health_tells_how_many_are_live_and_what_runs(bench: Bench, desk: Desk) -> None:
    healths = bench.hear("/diagnostics", DiagnosticArray)
    bench.wait_until(lambda: desk.report() or healths, "no health")
    status = healths[-1].status[0]
    assert (status.name, status.message) == ("robot: counting", "1 of 1 sources live")
    values = {pair.key: pair.value for pair in status.values}
    assert values.keys() == {"counting_rate_hz", "bundle", "live_sources", "image_encoder", "backend"}
    desk.supply.state = SourceState.STALE
    bench.wait_until(
        lambda: desk.report() or healths[-1].status[0].message == "0 of 1 sources live", "the state is not told"
    )
    assert healths[-1].status[0].level == b"\x01"


def test_an_engine_that_could_not_be_built_is_a_warning(bench: Bench, desk: Desk) -> None:
    healths = bench.hear("/diagnostics", DiagnosticArray)
    desk.backends.failed = ("image", "fusion")
    bench.wait_until(lambda: desk.report() or healths, "no health")
    status = healths[-1].status[0]
    assert status.message == "1 of 1 sources live; no engine for image, fusion"
    assert status.level == b"\x01"


def test_a_change_is_reported_at_once_and_nothing_for_nobody(bench: Bench, desk: Desk) -> None:
    desk.report(changed=True)
    assert desk.supply.asked == 0
    reports = bench.hear("sources", DiagnosticArray)
    bench.wait_until(lambda: desk.report(changed=True) or reports, "no report")
    asked = desk.supply.asked
    desk.report(changed=True)
    assert desk.supply.asked == asked + 1
    desk.report()
    assert desk.supply.asked == asked + 1


def test_closing_takes_the_topics_away(bench: Bench, desk: Desk) -> None:
    bench.wait_until(lambda: bench.node.count_publishers("sources") == 1, "the topic is not there")
    desk.reporter.close()
    bench.wait_until(lambda: bench.node.count_publishers("sources") == 0, "the topic is still there")
