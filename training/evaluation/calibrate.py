"""The step `calibrate`: scores that mean what they say, and the threshold below which the answer is `unknown`.

Shape legend: X sets, K labels, D embedding size.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax
from torch import nn

from omnibind_ros.recognition.calibration import Calibration
from omnibind_ros.recognition.label_bank import LabelBank
from training.config import CalibrateConfig
from training.fusion.embedded import EmbeddedSet
from training.fusion.token_sets import draw_token_sets

CALIBRATION_FILE = "calibration.json"
_LIMITS = (1e-3, 1.0)
HIGHEST_THRESHOLD = 0.5


@dataclass(frozen=True)
class FittedCalibration:
    """Temperatures and thresholds by number of fused embeddings: entry i is for i + 1."""

    temperatures: list[float]
    thresholds: list[float]
    coverage: float

    def for_robot(self) -> Calibration:
        """As the robot uses it."""
        return Calibration(self.temperatures, self.thresholds)


@dataclass(frozen=True)
class AnsweredSets:
    """Random sets of one number of tokens, fused and compared with the labels: (X, K) and the true labels (X,)."""

    similarity_XK: NDArray[np.float64]
    label_X: NDArray[np.int64]

    def scores(self, temperature: float) -> NDArray[np.float64]:
        """The best label's calibrated score (X,)."""
        best_X: NDArray[np.float64] = np.exp(log_softmax(self.similarity_XK / temperature, axis=1).max(axis=1))
        return best_X

    @property
    def correct(self) -> NDArray[np.bool_]:
        """Which sets are recognised."""
        right_X: NDArray[np.bool_] = self.similarity_XK.argmax(axis=1) == self.label_X
        return right_X


def calibrate(
    folder: Path, settings: CalibrateConfig, validation: EmbeddedSet, head: nn.Module, bank: LabelBank, *, seed: int
) -> None:
    """Fit one temperature and one threshold for every number of live tokens, on validation objects, and store them.

    The temperature minimises the cross-entropy. The threshold is the score that the stated share of the answers
    reaches, but never above one half: a calibrated score beyond that is more likely right than wrong, and where nearly
    every answer is right the share alone would silence right answers.
    """
    temperatures, thresholds = [], []
    for tokens in token_numbers(validation, settings):
        sets = answer_sets(
            validation, head, bank, tokens, draws=settings.draws, corrupted_share=settings.corrupted_share, seed=seed
        )
        temperature = fit_temperature(sets.similarity_XK, sets.label_X, objects=len(validation))
        temperatures.append(temperature)
        reached = float(np.quantile(sets.scores(temperature), 1 - settings.coverage))
        thresholds.append(min(reached, HIGHEST_THRESHOLD))
    fitted = FittedCalibration(temperatures, thresholds, settings.coverage)
    (folder / CALIBRATION_FILE).write_text(json.dumps(asdict(fitted), indent=2))


def load_calibration(folder: Path) -> FittedCalibration:
    """What `calibrate` stored."""
    return FittedCalibration(**json.loads((folder / CALIBRATION_FILE).read_text()))


def token_numbers(embedded: EmbeddedSet, settings: CalibrateConfig) -> range:
    """The numbers of tokens there are temperatures for: up to one token a modality."""
    return range(1, min(settings.most_tokens, len(embedded.modalities)) + 1)


def fit_temperature(similarity_XK: NDArray[np.float64], label_X: NDArray[np.int64], *, objects: int) -> float:
    """Temperature at which the softmax of the similarities has the smallest cross-entropy to the labels.

    objects: how many different objects the sets show. As in Platt's scaling (1999), the target of the true label is
    (n + 1) / (n + 2) instead of 1: that n objects were all recognised does not prove that the next one will be.
    """
    smoothing = 1 / (objects + 2)

    def cross_entropy(log_temperature: float) -> float:
        log_score_XK = log_softmax(similarity_XK / np.exp(log_temperature), axis=1)
        true_X = log_score_XK[np.arange(len(label_X)), label_X]
        return -float(((1 - smoothing) * true_X + smoothing * log_score_XK.mean(axis=1)).mean())

    limits = (float(np.log(_LIMITS[0])), float(np.log(_LIMITS[1])))
    found = minimize_scalar(cross_entropy, bounds=limits, method="bounded")
    return float(np.exp(found.x))


@torch.no_grad()
def answer_sets(
    embedded: EmbeddedSet,
    head: nn.Module,
    bank: LabelBank,
    tokens: int,
    *,
    draws: int,
    corrupted_share: float,
    seed: int,
) -> AnsweredSets:
    """Random sets with this many tokens of different modalities, `draws` for every sample."""
    sets = draw_token_sets(
        embedded,
        count=draws * len(embedded),
        fewest_tokens=tokens,
        most_tokens=tokens,
        corrupted_share=corrupted_share,
        most_of_a_modality=1,
        generator=torch.Generator().manual_seed(seed + tokens),
    )
    whole_B = sets.live_BT.sum(dim=1) == tokens
    fused_BD, _ = head(sets.embedding_BTD, sets.modality_BT, sets.quality_BT, sets.live_BT)
    similarity_XK = bank.similarity(fused_BD[whole_B].numpy()).astype(np.float64)
    return AnsweredSets(similarity_XK, sets.label_B[whole_B].numpy())
