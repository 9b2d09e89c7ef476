"""What the dashboard shows at one moment, made of the robot's messages. Times are seconds of the steady clock."""

import math
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from omnibind_ros.dashboard.score_history import Point, ScoreHistory
from omnibind_ros.demo.record import ANSWER_LASTS_S

# Reports come twice a second; without any for so long, nobody is there.
SILENT_AFTER_S = 2.0


@dataclass(frozen=True, slots=True)
class SourceView:
    """One source. What is not known, or does not make sense, is None; `weight` is its share of the last answer."""

    name: str
    modality: str
    topic: str
    state: str
    reason: str
    rate_hz: float | None
    age_s: float | None
    latency_ms: float | None
    quality: float | None
    weight: float | None
    label: str
    score: float | None


@dataclass(frozen=True, slots=True)
class Answer:
    """The newest recognition: labels by falling score, and how old it is."""

    results: Sequence[tuple[str, float]]
    age_s: float


@dataclass(frozen=True, slots=True)
class Picture:
    """What there is to see of a source: its words, or a picture. number: another one with every message, 0 without."""

    number: int
    words: str | None = None


@dataclass(frozen=True, slots=True)
class Labels:
    """The labels in use, none for the bundle's own, and the bundle."""

    labels: Sequence[str]
    bundle: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything at one moment.

    nodes: full names of the nodes that recognise. present: whether they report. answer: None when there is none that
    still counts. points: the scores that are new to whoever asked. bundle, labels, rate_hz: as the nodes say in
    `/diagnostics`, empty before.
    """

    now_s: float
    nodes: Sequence[str]
    present: bool
    sources: Sequence[SourceView]
    answer: Answer | None
    points: Sequence[Point]
    bundle: str
    labels: str
    rate_hz: str


class RobotView:
    """Collects messages and tells what to show; may be asked from another thread than it is told in."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._nodes: Sequence[str] = ()
        self._sources: Sequence[SourceView] = ()
        self._reported_s = -math.inf
        self._results: Sequence[tuple[str, float]] = ()
        self._recognised_s = -math.inf
        self._health: Mapping[str, str] = {}
        self._history = ScoreHistory()

    @property
    def sources(self) -> Sequence[SourceView]:
        """The sources of the last report."""
        with self._lock:
            return self._sources

    def reported(self, message: Any, now_s: float) -> None:
        """`sources` came in."""
        with self._lock:
            self._sources = [_source_view(status) for status in message.status]
            self._reported_s = now_s

    def recognised(self, message: Any, now_s: float) -> None:
        """A `recognition` came in."""
        results = [(str(one.class_id), float(one.score)) for one in message.results if math.isfinite(one.score)]
        with self._lock:
            self._results, self._recognised_s = results, now_s
            self._history.add(now_s, dict(results))

    def diagnosed(self, message: Any) -> None:
        """`/diagnostics` of any node came in; only those of our nodes count."""
        with self._lock:
            ours = {f"{node.lstrip('/')}: recognition" for node in self._nodes}
            for status in message.status:
                if status.name in ours:
                    self._health = {entry.key: entry.value for entry in status.values}

    def found(self, nodes: Sequence[str]) -> None:
        """These nodes publish recognitions now."""
        with self._lock:
            self._nodes = sorted(nodes)

    def snapshot(self, after: int, now_s: float) -> Snapshot:
        """What to show now. after: number of the last point that whoever asks has seen."""
        with self._lock:
            silent_s = now_s - self._reported_s
            age_s = now_s - self._recognised_s
            return Snapshot(
                now_s=now_s,
                nodes=self._nodes,
                present=silent_s < SILENT_AFTER_S,
                sources=[_older(source, silent_s) for source in self._sources],
                answer=Answer(self._results, age_s) if self._results and age_s < ANSWER_LASTS_S else None,
                points=self._history.after(after, now_s),
                bundle=self._health.get("bundle", ""),
                labels=self._health.get("labels", ""),
                rate_hz=self._health.get("recognition_rate_hz", ""),
            )


def _source_view(status: Any) -> SourceView:
    values = {entry.key: entry.value for entry in status.values}
    state, _, reason = str(status.message).partition(": ")
    return SourceView(
        name=status.name,
        modality=values.get("modality", ""),
        topic=values.get("topic", ""),
        state=values.get("state", state),
        reason=reason,
        rate_hz=_number(values.get("rate_hz", "")),
        age_s=_number(values.get("age_s", "")),
        latency_ms=_number(values.get("latency_ms", "")),
        quality=_number(values.get("quality", "")),
        weight=_number(values.get("weight", "")),
        label=values.get("label", ""),
        score=_number(values.get("score", "")),
    )


def _older(source: SourceView, silent_s: float) -> SourceView:
    if silent_s < SILENT_AFTER_S:
        return source
    return SourceView(
        name=source.name,
        modality=source.modality,
        topic=source.topic,
        state="silent",
        reason="the node that watches it does not report",
        rate_hz=None,
        age_s=None,
        latency_ms=None,
        quality=None,
        weight=None,
        label="",
        score=None,
    )


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
