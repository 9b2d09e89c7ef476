"""Publishes, at their own pace, the state of the sources and the health of the node."""

import time
from collections.abc import Mapping

from diagnostic_msgs.msg import DiagnosticArray
from rclpy.node import Node
from rclpy.qos import QoSProfile

from omnibind_ros.fusion.source_state import SourceState
from omnibind_ros.nodes.backends import Backends
from omnibind_ros.nodes.embedding_publishers import QOS
from omnibind_ros.nodes.offer import offer
from omnibind_ros.nodes.stages import Supply
from omnibind_ros.pipeline.recognition import Contribution
from omnibind_ros.results.diagnostics import NodeHealth, message_from_health
from omnibind_ros.results.sources import message_from_reports

SOURCES_PERIOD_S = 0.5
HEALTH_PERIOD_S = 1.0


class Reporter:
    """The executor's thread makes and closes it, the worker calls `report`. `task`: what the node does, in a word."""

    def __init__(
        self, node: Node, topic: str, quality_of_service: QoSProfile, backends: Backends, *, task: str
    ) -> None:
        self._node = node
        self._backends = backends
        self._task = task
        self._sources = offer(node, DiagnosticArray, topic, quality_of_service)
        self._diagnostics = offer(node, DiagnosticArray, "/diagnostics", QOS)
        self._sources_due_s = self._health_due_s = time.monotonic()
        self._rounds = 0

    def count(self) -> None:
        """One more result was made."""
        self._rounds += 1

    def report(
        self,
        supply: Supply,
        contributions: Mapping[str, Contribution],
        details: Mapping[str, str],
        now_ns: int,
        *,
        changed: bool,
    ) -> None:
        """Publish what is due; the sources' states at once when one of them has changed."""
        steady_s = time.monotonic()
        if changed or steady_s >= self._sources_due_s:
            self._sources_due_s = steady_s + SOURCES_PERIOD_S
            if self._sources.get_subscription_count() > 0:
                self._sources.publish(message_from_reports(supply.reports(now_ns), contributions, stamp_ns=now_ns))
        if steady_s >= self._health_due_s:
            rate_hz = self._rounds / (HEALTH_PERIOD_S + steady_s - self._health_due_s)
            self._health_due_s = steady_s + HEALTH_PERIOD_S
            self._rounds = 0
            if self._diagnostics.get_subscription_count() > 0:
                health = self._health(supply, {f"{self._task}_rate_hz": f"{rate_hz:.1f}", **details})
                self._diagnostics.publish(message_from_health(health, stamp_ns=now_ns))

    def close(self) -> None:
        """Remove the topics."""
        self._node.destroy_publisher(self._sources)
        self._node.destroy_publisher(self._diagnostics)

    def _health(self, supply: Supply, details: Mapping[str, str]) -> NodeHealth:
        states = supply.states()
        live = [name for name, state in states.items() if state is SourceState.LIVE]
        failed = self._backends.failed
        without = f"; no engine for {', '.join(failed)}" if failed else ""
        return NodeHealth(
            node=self._node.get_fully_qualified_name().lstrip("/"),
            summary=f"{len(live)} of {len(states)} sources live{without}",
            warning=not live or bool(failed),
            details={**details, "live_sources": ", ".join(live), **supply.details(), **self._backends.details()},
            task=self._task,
        )
