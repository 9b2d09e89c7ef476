"""What a robot recorded about itself: its recognitions, the states of its sources, and what was in front of it."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from omnibind_ros.fusion.source_state import SourceState
from omnibind_ros.messages.header import stamp_ns_of
from omnibind_ros.pipeline.source import Source
from omnibind_ros.replay.bag import Recorded, Topic
from omnibind_ros.replay.player import Listener

_CLASSIFICATION = "vision_msgs/msg/Classification"
_STATES = "diagnostic_msgs/msg/DiagnosticArray"


@dataclass(frozen=True, slots=True)
class Agreement:
    """How replay compares with what the robot said.

    recorded: recognitions in the bag. matched: those that replay has one of the same moment for. same: with the same
    label.
    """

    recorded: int
    matched: int
    same: int


class Witness:
    """Listens to a perception node's own topics in a bag.

    A bag does not tell when a driver went or the operator switched a source off. Where the node's `sources` was
    recorded, that does, and the sources follow it.
    """

    def __init__(self, topics: Iterable[Topic]) -> None:
        self.truth: list[tuple[int, str]] = []
        self.said: list[tuple[int, str]] = []
        self._sources: dict[str, Source] = {}
        hears = {
            ("ground_truth", _CLASSIFICATION): self._hear_truth,
            ("recognition", _CLASSIFICATION): self._hear_recognition,
            ("sources", _STATES): self._hear_states,
        }
        kinds = {(topic.name.rsplit("/", 1)[-1], topic.message_type): topic for topic in topics}
        self.listeners: Mapping[Topic, Listener] = {
            kinds[kind]: listener for kind, listener in hears.items() if kind in kinds
        }

    def follow(self, sources: Iterable[Source]) -> None:
        """Let these sources come and go as the recorded states say."""
        self._sources = {source.name: source for source in sources}

    def agreement(self, replayed: Sequence[tuple[int, str]], period_ns: int) -> Agreement | None:
        """Compare labels; None when the bag holds no recognitions.

        replayed: stamp and label of each recognition, by stamp. A node recognises once a period, but the clock tells at
        which frame it began: recognitions are of the same moment when their stamps are less than a period apart.
        """
        if not self.said:
            return None
        matched = same = 0
        stamps = [stamp_ns for stamp_ns, _ in replayed]
        for stamp_ns, label in self.said:
            after = bisect_left(stamps, stamp_ns)
            near = [replayed[one] for one in (after - 1, after) if 0 <= one < len(replayed)]
            apart_ns, nearest = min(((abs(stamp_ns - other), said) for other, said in near), default=(period_ns, ""))
            matched += apart_ns < period_ns
            same += apart_ns < period_ns and label == nearest
        return Agreement(len(self.said), matched, same)

    def _hear_truth(self, recorded: Recorded) -> None:
        self.truth.append((recorded.received_ns, _best(recorded.message)))

    def _hear_recognition(self, recorded: Recorded) -> None:
        self.said.append((stamp_ns_of(recorded.message) or 0, _best(recorded.message)))

    def _hear_states(self, recorded: Recorded) -> None:
        for status in recorded.message.status:
            source = self._sources.get(status.name)
            state = next((entry.value for entry in status.values if entry.key == "state"), None)
            if source is None or state is None:
                continue
            source.publishers_changed(0 if state == SourceState.ABSENT else 1)
            source.enable(state != SourceState.DISABLED)


def _best(message: Any) -> str:
    return str(message.results[0].class_id) if len(message.results) else ""
