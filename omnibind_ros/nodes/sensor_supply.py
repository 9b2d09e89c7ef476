"""The sensors' half of a node: messages in, embeddings out."""

import secrets
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from rclpy.node import Node

from omnibind_ros.fusion.source_state import SourceState
from omnibind_ros.inference.bundle import Bundle
from omnibind_ros.nodes.backends import Backends
from omnibind_ros.nodes.embedding_publishers import EmbeddingPublishers
from omnibind_ros.nodes.parameters import value
from omnibind_ros.nodes.source_roster import SourceRoster
from omnibind_ros.pipeline.background import Lanes
from omnibind_ros.pipeline.encoding import EncodingPipeline, EncodingStep
from omnibind_ros.pipeline.source import Source, SourceReport


class SensorSupply:
    """The executor's thread takes messages in and follows the sources; the worker encodes. `wake`: wakes the worker."""

    def __init__(self, node: Node, backends: Backends, wake: Callable[[], None]) -> None:
        self._node = node
        self._backends = backends
        self._wake = wake
        self._pipeline: EncodingPipeline | None = None
        self._roster: SourceRoster | None = None
        self._publishers = EmbeddingPublishers(node)
        # Two at a time: a large encoder must not make the others wait, nor seven of them those that work.
        self._loads = Lanes("omnibind encoders", 2, wake)
        # The same node may run twice, by mistake, on one host or on two.
        name = node.get_fully_qualified_name()
        self._identity = f"{name} on {socket.gethostname()} ({secrets.token_hex(2)})"
        self._is_open = False
        self._succeeded = False

    def check(self, proposed: Mapping[str, Any]) -> None:
        """Raise ConfigurationError for values that would break a source."""
        if self._roster is not None:
            self._roster.check(proposed)

    def prepare(self, bundle: Bundle) -> Callable[[], None]:
        """Set up the sources, or load what the bundle in use is replaced by."""
        backends = self._backends.of(bundle)
        if self._pipeline is not None:
            pipeline = self._pipeline
            succession = pipeline.prepare_succession(bundle, backends.make, upgrade=backends.upgrade)

            def succeed() -> None:
                pipeline.succeed(succession)
                self._succeeded = True

            return succeed
        fresh = EncodingPipeline(bundle, backends.make, time.monotonic, loads=self._loads, upgrade=backends.upgrade)

        def adopt() -> None:
            self._pipeline = fresh
            self._roster = SourceRoster(self._node, fresh, self._receive)
            self._roster.synchronise()

        return adopt

    def open(self) -> None:
        """Subscribe to the sensors, publish embeddings."""
        if self._roster is not None:
            self._is_open = True
            self._roster.open()
            self.poll()

    def close(self) -> None:
        """Give every topic back."""
        self._is_open = False
        if self._roster is not None:
            self._roster.close()
        self._publishers.close()

    def release(self) -> None:
        """Release every encoder and forget the sources."""
        if self._pipeline is not None:
            self._pipeline.close()
            self._loads.shutdown()
        self._pipeline = self._roster = None

    def poll(self) -> None:
        """Follow the topics there are, and another bundle, which may know other modalities."""
        if self._roster is None:
            return
        if self._succeeded:
            self._succeeded = False
            self._roster.synchronise()
        if self._is_open:
            self._roster.poll()
            self._publishers.follow(source.name for source in self._roster.sources)

    def parameters_changed(self) -> None:
        """Make the sources what the parameters say."""
        if self._roster is not None:
            self._roster.synchronise()
            self.poll()

    def step(self, now_ns: int, *, wanted: bool, due: bool) -> EncodingStep:
        """Encode what arrived."""
        if self._pipeline is None:
            return EncodingStep((), (), ())
        step = self._pipeline.step(now_ns, wanted=wanted or self._publishers.wanted, due=due)
        for embedding in step.embeddings:
            self._publishers.publish(embedding)
        idle_s = value(self._node, "encoder_idle")
        if idle_s > 0:
            self._pipeline.release_idle(idle_s)
        return step

    def reports(self, now_ns: int) -> list[SourceReport]:
        """What to tell about every source."""
        reports = self._pipeline.reports(now_ns) if self._pipeline else []
        return [replace(report, encoders=(self._identity,)) for report in reports]

    def states(self) -> dict[str, SourceState]:
        """The state of every source."""
        return {source.name: source.state for source in self._pipeline.sources} if self._pipeline else {}

    def ttl_s(self, source: str) -> float:
        """How long an embedding of a source counts."""
        return self._pipeline.ttl_s(source) if self._pipeline else 0.0

    def details(self) -> dict[str, str]:
        """What runs the encoders that are loaded, and which are being loaded."""
        if self._pipeline is None:
            return {}
        loaded = {name: f"{one.backend.device}, {one.backend.precision}" for name, one in self._pipeline.loaded.items()}
        building = dict.fromkeys(self._pipeline.building, "being loaded")
        return {f"{name}_encoder": what for name, what in (loaded | building).items()}

    def _receive(self, source: Source, message: Any) -> None:
        # The executor's thread must be free for the next message: nothing is decoded here.
        source.receive(message, self._node.get_clock().now().nanoseconds, time.monotonic())
        self._wake()
