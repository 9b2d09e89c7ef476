"""What the worker does in every round: encode what arrived, fuse what is live, publish, report."""

import re
import time
from dataclasses import dataclass

from rclpy.node import Node

from omnibind_ros.errors import OmnibindError
from omnibind_ros.fusion.source_state import SourceState, Transition
from omnibind_ros.inference.bundle import Bundle
from omnibind_ros.nodes.parameters import value
from omnibind_ros.nodes.result_publishers import ResultPublishers
from omnibind_ros.nodes.worker import IDLE_S
from omnibind_ros.pipeline.encoding import EncodingPipeline
from omnibind_ros.pipeline.recognition import Contribution, RecognitionPipeline
from omnibind_ros.results.diagnostics import NodeHealth

SOURCES_PERIOD_S = 0.5
HEALTH_PERIOD_S = 1.0
# Errors are told once each; a sensor that invents ever new ones must not fill the memory.
_MOST_ERRORS_REMEMBERED = 200
_QUIET_STATES = frozenset({SourceState.LIVE, SourceState.WAITING, SourceState.DISABLED, SourceState.BUILDING})


@dataclass(frozen=True, slots=True)
class Pipelines:
    """What a configured node holds: the bundle and the two halves of the pipeline."""

    bundle: Bundle
    encoding: EncodingPipeline
    recognition: RecognitionPipeline

    def close(self) -> None:
        """Release every inference session."""
        self.encoding.close()
        self.recognition.close()


class RecognitionLoop:
    """One worker calls `step`; it owns everything here."""

    def __init__(self, node: Node, pipelines: Pipelines, publishers: ResultPublishers) -> None:
        self._node = node
        self._pipelines = pipelines
        self._publishers = publishers
        self._ttl_s = {one.name: one.settings.liveness.ttl_s for one in pipelines.encoding.sources}
        self._told: set[str] = set()
        self._contributions: dict[str, Contribution] = {}
        self._fresh = False
        self._recognitions = 0
        self._recognition_due_s = self._sources_due_s = self._health_due_s = time.monotonic()

    def step(self) -> float:
        """Do one round; returns in how many seconds the next is due."""
        wanted = value(self._node, "always_on") or self._publishers.recognition_wanted
        now_ns = self._node.get_clock().now().nanoseconds
        step = self._pipelines.encoding.step(now_ns, wanted=wanted or self._publishers.embeddings_wanted)
        for error in step.errors:
            self.tell_once(error)
        for transition in step.transitions:
            self._follow(transition)
        for embedding in step.embeddings:
            self._publishers.embedding(embedding)
            self._pipelines.recognition.accept(embedding, ttl_s=self._ttl_s[embedding.source], now_ns=now_ns)
            self._fresh = True
        steady_s = time.monotonic()
        if self._fresh and wanted and steady_s >= self._recognition_due_s:
            self._recognition_due_s = steady_s + 1.0 / value(self._node, "max_rate")
            self._recognise(now_ns)
        self._report(now_ns, steady_s, changed=bool(step.transitions))
        return self._recognition_due_s - steady_s if self._fresh and wanted else IDLE_S

    def tell_once(self, error: Exception) -> None:
        """Log an error the first time it occurs; the numbers in it may differ from message to message."""
        text = str(error) if isinstance(error, OmnibindError) else f"{type(error).__name__}: {error}"
        kind = re.sub(r"\d+", "0", text)
        if kind not in self._told and len(self._told) < _MOST_ERRORS_REMEMBERED:
            self._told.add(kind)
            self._node.get_logger().error(text)

    def _recognise(self, now_ns: int) -> None:
        self._fresh = False
        try:
            recognition = self._pipelines.recognition.recognise(now_ns)
        except OmnibindError as error:
            self.tell_once(error)
            return
        self._contributions = recognition.contributions if recognition else {}
        if recognition is not None:
            self._recognitions += 1
            self._publishers.recognition(recognition, self._pipelines.bundle.space)

    def _follow(self, transition: Transition) -> None:
        """Log a transition and take a source that is no longer live out of the recognition at once."""
        if transition.after is not SourceState.LIVE:
            self._pipelines.recognition.exclude(transition.source)
            self._contributions.pop(transition.source, None)
        text = f"{transition.source}: {transition.before} -> {transition.after}: {transition.reason}"
        if transition.after in _QUIET_STATES:
            self._node.get_logger().info(text)
        else:
            self._node.get_logger().warning(text)

    def _report(self, now_ns: int, steady_s: float, *, changed: bool) -> None:
        if changed or steady_s >= self._sources_due_s:
            self._sources_due_s = steady_s + SOURCES_PERIOD_S
            self._publishers.sources(self._pipelines.encoding.reports(now_ns), self._contributions, now_ns)
        if steady_s >= self._health_due_s:
            rate_hz = self._recognitions / (HEALTH_PERIOD_S + steady_s - self._health_due_s)
            self._health_due_s = steady_s + HEALTH_PERIOD_S
            self._recognitions = 0
            self._publishers.health(self._health(rate_hz), now_ns)

    def _health(self, rate_hz: float) -> NodeHealth:
        sources = self._pipelines.encoding.sources
        live = [one.name for one in sources if one.state is SourceState.LIVE]
        details = {
            "bundle": self._pipelines.bundle.name,
            "recognition_rate_hz": f"{rate_hz:.1f}",
            "live_sources": ", ".join(live),
        }
        for modality, encoder in self._pipelines.encoding.loaded.items():
            details[f"{modality}_encoder"] = f"{encoder.backend.device}, {encoder.backend.precision}"
        return NodeHealth(
            node=self._node.get_fully_qualified_name().lstrip("/"),
            summary=f"{len(live)} of {len(sources)} sources live",
            warning=not live,
            details=details,
        )
