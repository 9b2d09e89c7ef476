"""What was seen of the ROS graph for a few seconds, as plain data; `nodes/surveyor.py` looks."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from omnibind_ros.pipeline.source import SourceReport


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One end of a topic: the node's full name, message type, `reliable` or `best effort`."""

    node: str
    type_name: str
    reliability: str


@dataclass(frozen=True, slots=True)
class LiveTopic:
    """A topic there is. mismatches: pairs that cannot hear each other, in words."""

    publishers: tuple[Endpoint, ...]
    mismatches: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Survey:
    """topics: by full name, those with a publisher only. reports: what our running nodes say of their sources.

    health: details of our nodes' statuses on `/diagnostics`, by the status' name. simulated: our nodes that use ROS
    time from /clock. clock_ns: the first and the last time heard on /clock. system_ns: Unix time of this computer.
    """

    topics: Mapping[str, LiveTopic]
    reports: tuple[SourceReport, ...] = ()
    health: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    simulated: tuple[str, ...] = ()
    clock_ns: tuple[int, int] | None = None
    system_ns: int = 0

    def publishers(self, topic: str) -> tuple[Endpoint, ...]:
        """Who publishes on a topic."""
        return self.topics[topic].publishers if topic in self.topics else ()
