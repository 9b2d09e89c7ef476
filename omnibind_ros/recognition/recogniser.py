"""From a fused embedding to labels and scores."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from omnibind_ros.inference.bundle import Bundle
from omnibind_ros.inference.bundle_schema import NO_LABEL
from omnibind_ros.recognition.calibration import Calibration
from omnibind_ros.recognition.label_bank import LabelBank

UNKNOWN = NO_LABEL


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """A label and its calibrated score in [0, 1]."""

    label: str
    score: float


@dataclass(frozen=True, slots=True)
class Answer:
    """Hypotheses by falling score.

    When it abstains, the first one is `unknown`, scored with what speaks against the best.
    """

    hypotheses: tuple[Hypothesis, ...]
    abstained: bool

    @property
    def best(self) -> Hypothesis:
        """What to tell the user."""
        return self.hypotheses[0]


class Recogniser:
    """Names what an embedding shows."""

    def __init__(self, labels: LabelBank, calibration: Calibration, *, most: int) -> None:
        self.labels = labels
        self._calibration = calibration
        self._most = most

    @classmethod
    def from_bundle(cls, bundle: Bundle, *, most: int, labels: LabelBank | None = None) -> "Recogniser":
        """Recogniser for a bundle's label bank or for other labels; an answer holds at most `most` of them."""
        calibration = bundle.description.calibration
        return cls(
            labels or LabelBank(bundle.description.labels.names, bundle.centres_KkD, bundle.examples),
            Calibration(calibration.temperatures, calibration.thresholds),
            most=most,
        )

    def recognise(self, vector_D: NDArray[np.float32], members: int) -> Answer:
        """Answer for a unit vector (D,) that was fused from `members` embeddings."""
        hypotheses = self._rank(vector_D, members, self._most)
        abstained = self._calibration.abstains(hypotheses[0].score, members)
        if abstained:
            hypotheses = (Hypothesis(UNKNOWN, 1.0 - hypotheses[0].score), *hypotheses)
        return Answer(hypotheses, abstained)

    def best_alone(self, vector_D: NDArray[np.float32]) -> Hypothesis:
        """The likeliest label of one source's own embedding (D,), however little sure."""
        return self._rank(vector_D, 1, 1)[0]

    def _rank(self, vector_D: NDArray[np.float32], members: int, most: int) -> tuple[Hypothesis, ...]:
        scores_K = self._calibration.scores(self.labels.similarity(vector_D[None])[0], members)
        order = np.argsort(-scores_K, kind="stable")[:most]
        return tuple(Hypothesis(self.labels.names[index], float(scores_K[index])) for index in order)
