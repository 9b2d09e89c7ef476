"""Embeddings that encoders elsewhere publish, and what these say of their sources."""

import threading
from collections import deque
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from rclpy.subscription import Subscription
from sensor_msgs.msg import PointCloud2

from omnibind_ros.errors import OmnibindError
from omnibind_ros.fusion.source_state import SourceState
from omnibind_ros.inference.bundle import Bundle
from omnibind_ros.modality import Modality
from omnibind_ros.nodes.common_offer import common_reliability
from omnibind_ros.nodes.embedding_publishers import EMBEDDING_TOPIC
from omnibind_ros.nodes.journal import Journal
from omnibind_ros.nodes.parameters import value
from omnibind_ros.nodes.status_output import STATUS_TOPIC
from omnibind_ros.pipeline.encoding import EncodingStep
from omnibind_ros.pipeline.parameters import chosen_modalities
from omnibind_ros.pipeline.remote_sources import RemoteSources
from omnibind_ros.pipeline.source import SourceReport
from omnibind_ros.results.embedding import embedding_from_message
from omnibind_ros.results.sources import reports_from_message

_CLOUD = "sensor_msgs/msg/PointCloud2"
# Reports of so many encoders may wait: those of one must not replace those of another.
_MOST_REPORTS = 64
_REPORTS_QOS = QoSProfile(depth=_MOST_REPORTS, durability=DurabilityPolicy.TRANSIENT_LOCAL)


class RemoteSupply:
    """The executor's thread stores what arrives, the worker reads it. `wake`: wakes the worker."""

    def __init__(self, node: Node, journal: Journal, wake: Callable[[], None]) -> None:
        self._node = node
        self._journal = journal
        self._wake = wake
        self._remotes: RemoteSources | None = None
        self._status: Subscription | None = None
        self._subscriptions: dict[str, tuple[ReliabilityPolicy, Subscription]] = {}
        self._lock = threading.Lock()
        # The newest embedding of each source, and when it came.
        self._newest: dict[str, tuple[Any, int]] = {}
        self._reported: deque[tuple[Any, int]] = deque(maxlen=_MOST_REPORTS)
        self._needed = False

    def check(self, proposed: Mapping[str, Any]) -> None:
        """Raise ConfigurationError for modalities that do not exist."""
        chosen_modalities(proposed.get("modalities", value(self._node, "modalities")))

    def prepare(self, bundle: Bundle) -> Callable[[], None]:
        """Follow the bundle's embedding space."""

        def adopt() -> None:
            if self._remotes is None:
                self._remotes = RemoteSources(
                    space=bundle.space, default_ttl_s=value(self._node, "ttl"), wanted=self._is_wanted
                )
            self._remotes.space = bundle.space

        return adopt

    def open(self) -> None:
        """Listen to what encoders say; to their embeddings as soon as somebody needs them."""
        self._status = self._node.create_subscription(DiagnosticArray, STATUS_TOPIC, self._take_report, _REPORTS_QOS)

    def close(self) -> None:
        """Give every topic back."""
        if self._status is not None:
            self._node.destroy_subscription(self._status)
            self._status = None
        for name in list(self._subscriptions):
            self._unsubscribe(name)
        self._newest = {}
        self._reported.clear()

    def release(self) -> None:
        """Forget the sources."""
        self._remotes = None

    def poll(self) -> None:
        """Subscribe to the embeddings there are, while somebody needs them."""
        if self._status is None:
            return
        prefix = self._node.resolve_topic_name(EMBEDDING_TOPIC.rstrip("/")) + "/"
        found = {
            topic.removeprefix(prefix)
            for topic, types in self._node.get_topic_names_and_types()
            if topic.startswith(prefix) and "/" not in topic.removeprefix(prefix) and _CLOUD in types and self._needed
        }
        offers = {name: self._node.get_publishers_info_by_topic(prefix + name) for name in found}
        for name in self._subscriptions.keys() - {name for name, publishers in offers.items() if publishers}:
            self._unsubscribe(name)
        for name, publishers in offers.items():
            if publishers and self._may_follow(name):
                self._subscribe(name, common_reliability(publishers))

    def parameters_changed(self) -> None:
        """Follow other sources, if the parameters say so."""
        if self._remotes is not None:
            self._remotes.default_ttl_s = value(self._node, "ttl")
        for name in [name for name in self._subscriptions if not self._may_follow(name)]:
            self._unsubscribe(name)
        self.poll()

    def step(self, now_ns: int, *, wanted: bool, due: bool) -> EncodingStep:
        """Read what arrived and judge what counts, whether a result is due or not: it is hardly any work."""
        self._needed = wanted
        if self._remotes is None:
            return EncodingStep((), (), ())
        while self._reported:
            self._read_report(self._remotes, *self._reported.popleft())
        with self._lock:
            newest, self._newest = self._newest, {}
        for source, (message, received_ns) in newest.items():
            self._read_embedding(self._remotes, source, message, received_ns)
        return self._remotes.step(now_ns, expected=wanted)

    def reports(self, now_ns: int) -> list[SourceReport]:
        """What to tell about every source."""
        return self._remotes.reports(now_ns) if self._remotes else []

    def states(self) -> dict[str, SourceState]:
        """The state of every source."""
        return self._remotes.states() if self._remotes else {}

    def ttl_s(self, source: str) -> float:
        """How long an embedding of a source counts."""
        return self._remotes.ttl_s(source) if self._remotes else 0.0

    def details(self) -> dict[str, str]:
        """Which sources more than one encoder offers."""
        reports = self._remotes.reports(self._now_ns()) if self._remotes else []
        twice = [f"{report.source} ({', '.join(report.encoders)})" for report in reports if len(report.encoders) > 1]
        return {"offered_twice": "; ".join(twice)} if twice else {}

    def _may_follow(self, source: str) -> bool:
        chosen = value(self._node, "follow")
        return not chosen or source in chosen

    def _is_wanted(self, source: str, modality: Modality) -> bool:
        return self._may_follow(source) and modality in chosen_modalities(value(self._node, "modalities"))

    def _subscribe(self, name: str, reliability: ReliabilityPolicy) -> None:
        if name in self._subscriptions and self._subscriptions[name][0] == reliability:
            return
        self._unsubscribe(name)
        subscription = self._node.create_subscription(
            PointCloud2,
            EMBEDDING_TOPIC + name,
            partial(self._take_embedding, name),
            QoSProfile(depth=1, reliability=reliability),
        )
        self._subscriptions[name] = (reliability, subscription)

    def _unsubscribe(self, name: str) -> None:
        if name in self._subscriptions:
            self._node.destroy_subscription(self._subscriptions.pop(name)[1])

    def _take_embedding(self, source: str, message: Any) -> None:
        with self._lock:
            self._newest[source] = (message, self._now_ns())
        self._wake()

    def _take_report(self, message: Any) -> None:
        self._reported.append((message, self._now_ns()))
        self._wake()

    def _now_ns(self) -> int:
        return int(self._node.get_clock().now().nanoseconds)

    def _read_embedding(self, remotes: RemoteSources, source: str, message: Any, received_ns: int) -> None:
        try:
            error: OmnibindError | None = remotes.embedded(embedding_from_message(message, source=source), received_ns)
        except OmnibindError as problem:
            remotes.failed(source, problem)
            error = problem
        if error is not None:
            self._journal.tell_once(error)

    def _read_report(self, remotes: RemoteSources, message: Any, received_ns: int) -> None:
        try:
            for report in reports_from_message(message):
                error = remotes.reported(report, received_ns)
                if error is not None:
                    self._journal.tell_once(error)
        except OmnibindError as error:
            self._journal.tell_once(error)
