"""What happened in a run, and the figures that sum it up. Times are seconds since the run's start."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise, zip_longest

from omnibind_ros.recognition.recogniser import UNKNOWN
from omnibind_ros.simulation.faults import Fault

HEALTHY = "healthy"
UNPLUGGED = Fault.UNPLUG.value

# A source whose data arrives but carries nothing: a covered lens, silence, no contact.
LIVE_UNUSED = "live, nothing to see"
# Nothing is in front of the sensors, or nobody says what.
NOTHING = ""
# A recognition is the answer until the next one, but for no longer than this.
ANSWER_LASTS_S = 1.0


@dataclass(frozen=True, slots=True)
class Span:
    """Something that held from `start_s` to `end_s`."""

    value: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Recognised:
    """A recognition: what it said, how sure, when the sensor saw it, when the result came in, and by which weights."""

    label: str
    score: float
    seen_s: float
    received_s: float
    weights: Mapping[str, float] = field(default_factory=dict)


@dataclass(slots=True)
class Lane:
    """A value over time, as a list of changes."""

    changes: list[tuple[float, str]] = field(default_factory=list)

    def set(self, time_s: float, value: str) -> None:
        """The value is this from now on."""
        if not self.changes or self.changes[-1][1] != value:
            self.changes.append((time_s, value))

    def at(self, time_s: float) -> str | None:
        """The value at a time, None before the first."""
        number = bisect_right(self.changes, time_s, key=lambda change: change[0])
        return self.changes[number - 1][1] if number else None

    def spans(self, end_s: float) -> list[Span]:
        """The changes as spans up to `end_s`; stretches of NOTHING are left out."""
        ends = [*self.changes[1:], (end_s, "")]
        return [
            Span(value, since_s, min(until_s, end_s))
            for (since_s, value), (until_s, _) in zip(self.changes, ends, strict=False)
            if value != NOTHING and since_s < end_s
        ]


class RunRecord:
    """Collects a run while it goes on.

    truth: what was in front of the sensors, empty where nobody knows. states: what was made of each source.
    """

    def __init__(self, sources: Iterable[str]) -> None:
        self.truth = Lane()
        self.states = {source: Lane([(0.0, "absent")]) for source in sources}
        self.recognised: list[Recognised] = []

    def reported(self, source: str, state: str, *, used: bool, time_s: float) -> None:
        """A source's state now, and whether it counted in the last recognition."""
        self.states[source].set(time_s, LIVE_UNUSED if state == "live" and not used else state)

    def answers(self) -> Lane:
        """The recognised label over time."""
        lane = Lane()
        for one, following in zip_longest(self.recognised, self.recognised[1:]):
            lane.set(one.received_s, one.label)
            until_s = one.received_s + ANSWER_LASTS_S
            if following is None or following.received_s > until_s:
                lane.set(until_s, NOTHING)
        return lane

    def judged(self) -> list[Recognised]:
        """The recognitions of moments of which the truth is known."""
        return [one for one in self.recognised if self.truth.at(one.seen_s)]

    def accuracy(self) -> float:
        """Share of the judged recognitions that named what was in front of the sensors; an abstention is no hit."""
        judged = self.judged()
        hits = sum(one.label == self.truth.at(one.seen_s) for one in judged)
        return hits / len(judged) if judged else 0.0

    def abstentions(self) -> int:
        """How often the answer was `unknown`."""
        return sum(one.label == UNKNOWN for one in self.recognised)


class DemoRecord(RunRecord):
    """Collects a demo, which knows what was done to the sensors: `healthy`, or the fault each had."""

    def __init__(self, sources: Iterable[str]) -> None:
        super().__init__(sources)
        self.sensors = {source: Lane() for source in self.states}
        self.plug_to_use_s: list[float] = []
        self._plugged_s: dict[str, float] = {}

    def sensor_set(self, source: str, condition: str, time_s: float) -> None:
        """A sensor was plugged, unplugged or broken."""
        if condition == HEALTHY and self.sensors[source].at(time_s) in (None, UNPLUGGED):
            self._plugged_s[source] = time_s
        if condition != HEALTHY:
            self._plugged_s.pop(source, None)
        self.sensors[source].set(time_s, condition)

    def embedded(self, source: str, time_s: float) -> None:
        """An embedding of a source came in."""
        plugged_s = self._plugged_s.pop(source, None)
        if plugged_s is not None:
            self.plug_to_use_s.append(time_s - plugged_s)

    def judged(self) -> list[Recognised]:
        """Only recognitions of moments in which at least one sensor was healthy count."""
        return [one for one in super().judged() if self._any_healthy(one.seen_s)]

    def longest_gap_s(self, end_s: float) -> float:
        """Longest time without a recognition within any span in which at least one sensor was healthy."""
        received_s = [one.received_s for one in self.recognised]
        longest_s = 0.0
        for start_s, stop_s in self.healthy_spans(end_s):
            inside = [time_s for time_s in received_s if start_s < time_s < stop_s]
            marks = [start_s, *inside, stop_s]
            longest_s = max(longest_s, *(later - earlier for earlier, later in pairwise(marks)))
        return longest_s

    def healthy_spans(self, end_s: float) -> list[tuple[float, float]]:
        """When at least one sensor was healthy, from the first recognition on: starting up is another figure."""
        begin_s = self.recognised[0].received_s if self.recognised else end_s
        edges = sorted(
            {begin_s, end_s}
            | {time_s for lane in self.sensors.values() for time_s, _ in lane.changes if begin_s < time_s < end_s}
        )
        spans: list[tuple[float, float]] = []
        for start_s, stop_s in pairwise(edges):
            if not self._any_healthy(start_s):
                continue
            if spans and spans[-1][1] == start_s:
                spans[-1] = (spans[-1][0], stop_s)
            else:
                spans.append((start_s, stop_s))
        return spans

    def _any_healthy(self, time_s: float) -> bool:
        return any(lane.at(time_s) == HEALTHY for lane in self.sensors.values())


def summary(
    record: DemoRecord, *, labels: int, modalities: Mapping[str, str], end_s: float, start_to_first_s: float
) -> dict[str, object]:
    """The figures of a demo, ready for JSON. modalities: those of the sources that were used, by source."""
    return {
        "labels": labels,
        "modalities": sorted(set(modalities.values())),
        "recognitions": len(record.recognised),
        "accuracy": round(record.accuracy(), 3),
        "longest_gap_s": round(record.longest_gap_s(end_s), 3),
        "plug_to_use_s": round(max(record.plug_to_use_s, default=0.0), 3),
        "start_to_first_s": round(start_to_first_s, 3),
    }
