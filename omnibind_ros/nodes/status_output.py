"""What an `encoder` says of its sources, for a `fusion` elsewhere."""

from collections.abc import Callable, Mapping
from typing import Any

from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile

from omnibind_ros.inference.bundle import Bundle
from omnibind_ros.nodes.backends import Backends
from omnibind_ros.nodes.parameters import value
from omnibind_ros.nodes.reporter import Reporter
from omnibind_ros.nodes.stages import Supply
from omnibind_ros.nodes.worker import IDLE_S
from omnibind_ros.pipeline.encoding import EncodingStep

STATUS_TOPIC = "encoder_status"
# Whoever comes later must not wait for the next report.
STATUS_QOS = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)


class StatusOutput:
    """Tells the state of the sources; needs no embeddings itself."""

    def __init__(self, node: Node, backends: Backends) -> None:
        self._node = node
        self._backends = backends
        self._reporter: Reporter | None = None
        self._bundle = ""

    def check(self, proposed: Mapping[str, Any]) -> None:
        """Every value will do."""

    def prepare(self, bundle: Bundle) -> Callable[[], None]:
        """Take the bundle's name."""

        def adopt() -> None:
            self._bundle = bundle.name

        return adopt

    def open(self) -> None:
        """Publish."""
        self._reporter = Reporter(self._node, STATUS_TOPIC, STATUS_QOS, self._backends, task="encoding")

    def close(self) -> None:
        """Remove the topics."""
        if self._reporter is not None:
            self._reporter.close()
            self._reporter = None

    def release(self) -> None:
        """Nothing is held."""

    def poll(self) -> None:
        """Nothing changes."""

    @property
    def wanted(self) -> bool:
        """Only when it is told to."""
        return bool(value(self._node, "always_on"))

    @property
    def due(self) -> bool:
        """Always: who makes results of the embeddings, and when, is not known here."""
        return True

    def step(self, step: EncodingStep, supply: Supply, now_ns: int) -> float:
        """Report; returns in how many seconds the next round is due."""
        if self._reporter is not None:
            for _ in step.embeddings:
                self._reporter.count()
            changed = bool(step.transitions or step.gone)
            self._reporter.report(supply, {}, {"bundle": self._bundle}, now_ns, changed=changed)
        return IDLE_S
