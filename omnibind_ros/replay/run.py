"""What a replay brought: recognitions and changes of state as rows of a table, and the figures of every source."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from omnibind_ros.demo.record import Recognised, RunRecord
from omnibind_ros.errors import OmnibindError
from omnibind_ros.fusion.live_set import SMALLEST_QUALITY
from omnibind_ros.fusion.source_state import NANOSECONDS, Transition
from omnibind_ros.pipeline.recognition import Recognition
from omnibind_ros.pipeline.source_settings import SourceSettings
from omnibind_ros.replay.player import Round

# A sensor that invents ever new errors must not fill the report.
_MOST_KINDS_OF_ERROR = 50


@dataclass(slots=True)
class SourceTally:
    """What a source brought to the replay; qualities and weights are sums."""

    settings: SourceSettings
    messages: int = 0
    embeddings: int = 0
    quality: float = 0.0
    used: int = 0
    weight: float = 0.0


class ReplayRun(RunRecord):
    """Collects a replay. Its rows hold plain values only, times in nanoseconds of ROS time."""

    def __init__(self, sources: Iterable[SourceSettings], start_ns: int) -> None:
        self.sources = {settings.name: SourceTally(settings) for settings in sources}
        super().__init__(self.sources)
        self.start_ns = start_ns
        self.recognitions: list[dict[str, Any]] = []
        self.transitions: list[dict[str, Any]] = []
        self.errors: Counter[str] = Counter()
        self._kinds: dict[str, str] = {}

    def seconds(self, time_ns: int) -> float:
        """Seconds since the start of the bag."""
        return (time_ns - self.start_ns) / NANOSECONDS

    def note(self, round_: Round) -> None:
        """Take in what happened at one moment."""
        time_s = self.seconds(round_.time_ns)
        for error in round_.errors:
            self._count(error)
        for transition in round_.transitions:
            self._follow(transition, round_.time_ns)
        for source, quality in round_.embedded.items():
            tally = self.sources[source]
            tally.embeddings += 1
            tally.quality += quality
            self.reported(source, "live", used=quality >= SMALLEST_QUALITY, time_s=time_s)
        if round_.recognition is not None:
            self._recognise(round_.recognition, round_.time_ns)

    def _recognise(self, recognition: Recognition, time_ns: int) -> None:
        weights = {source: round(one.weight, 6) for source, one in recognition.contributions.items()}
        for source, weight in weights.items():
            self.sources[source].used += 1
            self.sources[source].weight += weight
        best = recognition.answer.best
        self.recognised.append(
            Recognised(
                best.label, best.score, self.seconds(recognition.stamp_ns), self.seconds(time_ns), weights=weights
            )
        )
        self.recognitions.append(
            {
                "stamp_ns": recognition.stamp_ns,
                "received_ns": time_ns,
                "label": best.label,
                "score": round(best.score, 6),
                "abstained": recognition.answer.abstained,
                "hypotheses": [
                    {"label": one.label, "score": round(one.score, 6)} for one in recognition.answer.hypotheses
                ],
                "weights": weights,
            }
        )

    def _follow(self, transition: Transition, time_ns: int) -> None:
        self.reported(transition.source, str(transition.after), used=True, time_s=self.seconds(time_ns))
        self.transitions.append(
            {
                "time_ns": time_ns,
                "source": transition.source,
                "before": str(transition.before),
                "after": str(transition.after),
                "reason": transition.reason,
            }
        )

    def _count(self, error: OmnibindError) -> None:
        """Errors that differ in numbers only count as one, in the words of the first."""
        text = str(error)
        kind = re.sub(r"\d+", "0", text)
        if kind in self._kinds or len(self._kinds) < _MOST_KINDS_OF_ERROR:
            self.errors[self._kinds.setdefault(kind, text)] += 1
