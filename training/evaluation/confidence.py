"""Whether scores mean what they say, and what it wins to answer only when sure.

Shape legend: X answers.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import nn

from omnibind_ros.recognition.label_bank import LabelBank
from training.config import CalibrateConfig
from training.evaluation.calibrate import FittedCalibration, answer_sets, token_numbers
from training.fusion.embedded import EmbeddedSet

COVERAGE = 0.9
CURVE = tuple(round(0.05 * step, 2) for step in range(2, 21))
BINS = 15


def confidence(
    validation: EmbeddedSet,
    test: EmbeddedSet,
    head: nn.Module,
    bank: LabelBank,
    calibration: FittedCalibration,
    *,
    settings: CalibrateConfig,
    seed: int,
) -> dict[str, Any]:
    """Per number of tokens: accuracy on random sets, calibration error and abstention; and all numbers together.

    `by_number`: of clean sets; `broken_by_number`: with broken tokens in as many sets as calibration was fitted on.
    `abstention`: the error over all sets, and over those answered when the threshold is the score that 90 % of the
    validation sets reach. `risk_coverage`: the error among the surest answers, for each share answered. `reliability`:
    what a reliability diagram shows.
    """
    results: dict[str, Any] = {}
    for name, share in (("by_number", 0.0), ("broken_by_number", settings.corrupted_share)):
        results[name] = {}
        tests, checks = [], []
        for tokens in token_numbers(test, settings):
            temperature = calibration.temperatures[min(tokens, len(calibration.temperatures)) - 1]
            sets = answer_sets(test, head, bank, tokens, draws=settings.draws, corrupted_share=share, seed=seed + 100)
            if not len(sets.label_X):
                continue
            score_X, correct_X = sets.scores(temperature), sets.correct
            checks_of = answer_sets(
                validation, head, bank, tokens, draws=settings.draws, corrupted_share=share, seed=seed + 200
            )
            threshold = calibration.thresholds[min(tokens, len(calibration.thresholds)) - 1]
            results[name][str(tokens)] = {
                "accuracy": float(correct_X.mean()),
                "ece": expected_calibration_error(score_X, correct_X),
                **_answering(score_X, correct_X, threshold),
            }
            tests.append((score_X, correct_X))
            checks.append(checks_of.scores(temperature))
        score_X, correct_X = (np.concatenate(parts) for parts in zip(*tests, strict=True))
        threshold = float(np.quantile(np.concatenate(checks), 1 - COVERAGE))
        answered = _answering(score_X, correct_X, threshold)
        key = name.removesuffix("by_number")
        results[f"{key}abstention"] = {
            "error": 1 - float(correct_X.mean()),
            "coverage": answered["coverage"],
            "error_when_answering": 1 - answered["accuracy_when_answering"],
        }
        results[f"{key}risk_coverage"] = risk_coverage(score_X, correct_X)
        results[f"{key}reliability"] = reliability(score_X, correct_X)
    return results


def expected_calibration_error(score_X: NDArray[np.float64], correct_X: NDArray[np.bool_]) -> float:
    """Mean distance of score and accuracy over equally wide bins of the score, weighted with their sizes."""
    bins = reliability(score_X, correct_X).values()
    return sum(abs(one["score"] - one["accuracy"]) * one["share"] for one in bins)


def reliability(score_X: NDArray[np.float64], correct_X: NDArray[np.bool_]) -> dict[str, dict[str, float]]:
    """Mean score, accuracy and share of the answers in each bin of the score that has any, by the bin's lower end."""
    bin_X = np.minimum((score_X * BINS).astype(int), BINS - 1)
    return {
        f"{one / BINS:.2f}": {
            "score": float(score_X[bin_X == one].mean()),
            "accuracy": float(correct_X[bin_X == one].mean()),
            "share": float((bin_X == one).mean()),
        }
        for one in range(BINS)
        if (bin_X == one).any()
    }


def risk_coverage(score_X: NDArray[np.float64], correct_X: NDArray[np.bool_]) -> dict[str, float]:
    """The error among the surest answers, by the share answered, and its mean over all shares (`area`)."""
    wrong_X = ~correct_X[np.argsort(-score_X, kind="stable")]
    risk_X = wrong_X.cumsum() / np.arange(1, len(wrong_X) + 1)
    curve = {f"{share:.2f}": float(risk_X[max(round(share * len(risk_X)), 1) - 1]) for share in CURVE}
    return {**curve, "area": float(risk_X.mean())}


def _answering(score_X: NDArray[np.float64], correct_X: NDArray[np.bool_], threshold: float) -> dict[str, float]:
    answered_X = score_X >= threshold
    right = float(correct_X[answered_X].mean()) if answered_X.any() else 0.0
    return {"coverage": float(answered_X.mean()), "accuracy_when_answering": right}
