"""What the robot said, what follows again from the same embeddings, and whether that is the same."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from omnibind_ros.recognition.recogniser import Hypothesis
from omnibind_ros.results.evidence import Evidence

# Scores and weights on two computers differ in their last digits.
TOLERANCE = 1e-4


@dataclass(frozen=True, slots=True)
class Said:
    """A recorded recognition; hypotheses by falling score."""

    stamp_ns: int
    received_ns: int
    hypotheses: tuple[Hypothesis, ...]


@dataclass(frozen=True, slots=True)
class Again:
    """What follows from recorded evidence. weights: those recorded and those found again, of each source."""

    stamp_ns: int
    hypotheses: tuple[Hypothesis, ...]
    weights: tuple[tuple[float, float], ...]
    made_of: dict[str, int]

    @classmethod
    def of(cls, evidence: Evidence, hypotheses: Sequence[Hypothesis], weights: Sequence[float]) -> "Again":
        """What was found again from evidence."""
        made_of = {member.source: member.stamp_ns for member in evidence.members}
        return cls(evidence.stamp_ns, tuple(hypotheses), tuple(zip(evidence.weights, weights, strict=True)), made_of)


@dataclass(frozen=True, slots=True)
class Decision:
    """A recognition of the robot and the one that follows from its evidence."""

    said: Said
    again: Again

    @property
    def difference(self) -> float:
        """The largest difference of a score or weight; 1, the most there is, when something is missing or no number."""
        said, again = self.said.hypotheses, self.again.hypotheses
        if len(said) != len(again):
            return 1.0
        scores = [(one.score, other.score) for one, other in zip(said, again, strict=True)]
        apart = np.abs(np.diff(np.array([*scores, *self.again.weights], np.float64)))
        return float(apart.max()) if np.isfinite(apart).all() else 1.0

    @property
    def same(self) -> bool:
        """Whether the label is equal, and every score and weight to the tolerance."""
        labels = [[one.label for one in hypotheses[:1]] for hypotheses in (self.said.hypotheses, self.again.hypotheses)]
        return labels[0] == labels[1] and self.difference <= TOLERANCE


@dataclass(frozen=True, slots=True)
class Paired:
    """Decisions by the time at which they were received, and what the recorder or the robot left incomplete.

    without_evidence: recognitions, without_recognition: evidence, of a stamp of which the bag has not as many of both.
    """

    decisions: tuple[Decision, ...]
    without_evidence: int
    without_recognition: int


def paired(said: Sequence[Said], again: Sequence[Again]) -> Paired:
    """Find the evidence of every recognition; both in the order in which they were recorded.

    A recognition and its evidence have the same stamp, that of the newest embedding. Several may share one: then the
    first belongs to the first, and none is judged where one is missing.
    """
    moments: dict[int, tuple[list[Said], list[Again]]] = {}
    for one in said:
        moments.setdefault(one.stamp_ns, ([], []))[0].append(one)
    for other in again:
        moments.setdefault(other.stamp_ns, ([], []))[1].append(other)
    complete = [moment for moment in moments.values() if len(moment[0]) == len(moment[1])]
    decisions = [Decision(*pair) for moment in complete for pair in zip(*moment, strict=True)]
    return Paired(
        tuple(sorted(decisions, key=lambda one: one.said.received_ns)),
        len(said) - len(decisions),
        len(again) - len(decisions),
    )
