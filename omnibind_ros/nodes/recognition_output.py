"""The recognising half of a node: fuse what is live, name it, publish, report."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from rclpy.node import Node

from omnibind_ros.errors import OmnibindError
from omnibind_ros.fusion.source_state import SourceState
from omnibind_ros.inference.bundle import Bundle
from omnibind_ros.nodes.backends import Backends
from omnibind_ros.nodes.embedding_publishers import QOS
from omnibind_ros.nodes.journal import Journal
from omnibind_ros.nodes.parameters import value
from omnibind_ros.nodes.reporter import Reporter
from omnibind_ros.nodes.result_publishers import ResultPublishers
from omnibind_ros.nodes.stages import Supply
from omnibind_ros.nodes.worker import IDLE_S
from omnibind_ros.pipeline.encoding import EncodingStep
from omnibind_ros.pipeline.parameters import listed
from omnibind_ros.pipeline.recognition import Contribution, RecognitionPipeline
from omnibind_ros.pipeline.resources import backend_maker, cache_folder
from omnibind_ros.recognition.centre_cache import CentreCache
from omnibind_ros.recognition.label_centres import bank_for, check_labels


class RecognitionOutput:
    """The worker calls `wanted` and `step`, and owns the pipeline."""

    def __init__(self, node: Node, backends: Backends, journal: Journal) -> None:
        self._node = node
        self._backends = backends
        self._journal = journal
        self._bundle: Bundle | None = None
        self._pipeline: RecognitionPipeline | None = None
        self._publishers: ResultPublishers | None = None
        self._reporter: Reporter | None = None
        self._contributions: dict[str, Contribution] = {}
        self._fresh = False
        self._due_s = 0.0

    def check(self, proposed: Mapping[str, Any]) -> None:
        """Raise ConfigurationError for labels that cannot be told apart with the bundle in use."""
        if self._bundle is not None and "bundle" not in proposed:
            check_labels(listed(proposed.get("labels", value(self._node, "labels"))), self._bundle)

    def prepare(self, bundle: Bundle) -> Callable[[], None]:
        """Load the fusion head, and find the centres of the labels."""
        backends = self._backends.of(bundle)
        cache = CentreCache(cache_folder() / "centres", self._node.get_logger().warning)
        # Centres are kept: they are made by the same backend on every computer.
        bank = bank_for(value(self._node, "labels"), bundle, backend_maker(value(self._node, "threads")), cache)
        fresh = RecognitionPipeline(
            bundle,
            backends.make,
            most_labels=value(self._node, "most_labels"),
            labels=bank,
            upgrade=backends.upgrade,
        )

        def adopt() -> None:
            if self._pipeline is not None:
                fresh.take_over(self._pipeline)
                self._pipeline.close()
            self._bundle, self._pipeline = bundle, fresh

        return adopt

    def open(self) -> None:
        """Publish."""
        self._publishers = ResultPublishers(self._node)
        self._reporter = Reporter(self._node, "sources", QOS, self._backends, task="recognition")

    def close(self) -> None:
        """Remove the topics."""
        for held in (self._publishers, self._reporter):
            if held is not None:
                held.close()
        self._publishers = self._reporter = None
        self._contributions = {}

    def release(self) -> None:
        """Release the fusion head."""
        if self._pipeline is not None:
            self._pipeline.close()
        self._bundle = self._pipeline = None

    def poll(self) -> None:
        """Nothing changes."""

    @property
    def wanted(self) -> bool:
        """Whether anybody listens to a recognition."""
        return bool(value(self._node, "always_on")) or (self._publishers is not None and self._publishers.wanted)

    @property
    def due(self) -> bool:
        """Whether `max_rate` allows a recognition now; always while nobody listens to one."""
        return time.monotonic() >= self._due_s or not self.wanted

    def step(self, step: EncodingStep, supply: Supply, now_ns: int) -> float:
        """Fuse what is live when there is news, and report; returns in how many seconds the next round is due."""
        if self._pipeline is None or self._publishers is None or self._reporter is None:
            return IDLE_S
        for error in self._pipeline.collect():
            self._journal.tell_once(error)
        left = [one.source for one in step.transitions if one.after is not SourceState.LIVE]
        for source in (*step.gone, *left):
            self._pipeline.exclude(source)
            self._contributions.pop(source, None)
        for embedding in step.embeddings:
            self._pipeline.accept(embedding, ttl_s=supply.ttl_s(embedding.source), now_ns=now_ns)
            self._fresh = True
        steady_s = time.monotonic()
        owed = (self._fresh or step.waits) and self.wanted
        if owed and self._fresh and steady_s >= self._due_s:
            period_s = 1.0 / value(self._node, "max_rate")
            # On the beat while it is kept: what a round takes must not make the rate fall.
            on_the_beat = steady_s < self._due_s + period_s
            self._due_s = (self._due_s if on_the_beat else steady_s) + period_s
            self._fresh = owed = False
            self._recognise(self._pipeline, self._publishers, self._reporter, now_ns)
        details = {
            "bundle": self._bundle.name if self._bundle else "",
            "labels": str(len(self._pipeline.labels)),
            "fusion_head": f"{self._pipeline.backend.device}, {self._pipeline.backend.precision}",
        }
        changed = bool(step.transitions or step.gone)
        self._reporter.report(supply, self._contributions, details, now_ns, changed=changed)
        return self._due_s - steady_s if owed else IDLE_S

    def _recognise(
        self, pipeline: RecognitionPipeline, publishers: ResultPublishers, reporter: Reporter, now_ns: int
    ) -> None:
        try:
            recognition = pipeline.recognise(now_ns)
        except OmnibindError as error:
            self._journal.tell_once(error)
            return
        self._contributions = recognition.contributions if recognition else {}
        if recognition is not None:
            reporter.count()
            publishers.publish(recognition, pipeline.space)
