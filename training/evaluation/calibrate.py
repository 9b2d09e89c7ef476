"""The step `calibrate`: scores that mean what they say, and the threshold below which the answer is `unknown`.

Shape legend: X sets, K labels, D embedding size.
"""

import json
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax
from torch import Tensor

from omnibind_ros.recognition.calibration import Calibration
from omnibind_ros.recognition.label_bank import LabelBank
from training.config import TrainingConfig
from training.fusion.embedded import EmbeddedSet
from training.fusion.reliable import ReliableFusion
from training.fusion.token_sets import draw_token_sets

CALIBRATION_FILE = "calibration.json"
_LIMITS = (1e-3, 1.0)
_HIGHEST_THRESHOLD = 0.5


def calibrate(
    folder: Path, config: TrainingConfig, validation: EmbeddedSet, head: ReliableFusion, bank: LabelBank
) -> None:
    """Fit one temperature and one threshold for every number of live tokens, on validation objects.

    The temperature minimises the cross-entropy. The threshold is the score that the stated share of the answers
    reaches, but never above one half: a calibrated score beyond that is more likely right than wrong, and where nearly
    every answer is right the share alone would silence right answers.
    """
    settings = config.calibrate
    temperatures, thresholds = [], []
    for tokens in range(1, settings.most_tokens + 1):
        similarity_XK, label_X = sets_of_size(
            validation,
            head,
            bank,
            tokens,
            draws=settings.draws,
            corrupted_share=settings.corrupted_share,
            seed=config.seed,
        )
        temperature = fit_temperature(similarity_XK, label_X, objects=len(validation))
        scores_X = np.exp(log_softmax(similarity_XK / temperature, axis=1)).max(axis=1)
        temperatures.append(temperature)
        thresholds.append(min(float(np.quantile(scores_X, 1 - settings.coverage)), _HIGHEST_THRESHOLD))
    description = {"temperatures": temperatures, "thresholds": thresholds, "coverage": settings.coverage}
    (folder / CALIBRATION_FILE).write_text(json.dumps(description, indent=2))


def load_calibration(folder: Path) -> Calibration:
    """The stored calibration, as the robot uses it."""
    description = json.loads((folder / CALIBRATION_FILE).read_text())
    return Calibration(description["temperatures"], description["thresholds"])


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


def sets_of_size(
    embedded: EmbeddedSet,
    head: ReliableFusion,
    bank: LabelBank,
    tokens: int,
    *,
    draws: int,
    corrupted_share: float,
    seed: int,
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Similarities (X, K) to the labels and true labels (X,) of random sets with this many tokens."""
    sets = draw_token_sets(
        embedded,
        count=draws * len(embedded),
        fewest_tokens=tokens,
        most_tokens=tokens,
        corrupted_share=corrupted_share,
        generator=torch.Generator().manual_seed(seed + tokens),
    )
    whole_B = sets.live_BT.sum(dim=1) == tokens
    with torch.no_grad():
        fused_BD, _ = head(sets.embedding_BTD, sets.modality_BT, sets.quality_BT, sets.live_BT)
    return similarity_of(bank, fused_BD[whole_B]), sets.label_B[whole_B].numpy()


def similarity_of(bank: LabelBank, fused_BD: Tensor) -> NDArray[np.float64]:
    """Similarities (B, K) of fused embeddings to the labels, as the robot computes them."""
    return bank.similarity(fused_BD.numpy()).astype(np.float64)
