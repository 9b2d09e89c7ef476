"""The step `evaluate`: what the bundle can do on objects it never met.

Shape legend: N samples, T tokens, K labels, D embedding size.
"""

import json
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from omnibind_ros.modality import Modality
from omnibind_ros.recognition.calibration import Calibration
from omnibind_ros.recognition.label_bank import LabelBank
from training.config import TrainingConfig
from training.evaluation.calibrate import sets_of_size, similarity_of
from training.evaluation.report import to_markdown
from training.fusion.embedded import EmbeddedSet
from training.fusion.reliable import ReliableFusion

RESULTS_FILE = "results.json"
_BINS = 15
_LEAST_SAMPLES = 20


def evaluate(
    folder: Path,
    config: TrainingConfig,
    *,
    test: EmbeddedSet,
    head: ReliableFusion,
    bank: LabelBank,
    calibration: Calibration,
) -> None:
    """Measure accuracy per combination, robustness and calibration; write `results.json` and `results.md`."""
    sensors = [index for index, modality in enumerate(test.modalities) if modality is not Modality.TEXT]
    clean = {
        members: accuracy
        for size in range(1, len(sensors) + 1)
        for members in combinations(sensors, size)
        if (accuracy := _accuracy(test, head, bank, members)) is not None
    }
    results: dict[str, Any] = {
        "labels": len(bank.names),
        "samples": len(test),
        "single": {str(modality): _accuracy(test, None, bank, (i,)) for i, modality in enumerate(test.modalities)},
        "by_number": _averages(clean),
        "combinations": {_name(test, members): accuracy for members, accuracy in clean.items()},
        "robustness": _robustness(test, head, bank, clean, config.seed),
        "calibration": _calibration(test, head, bank, calibration, config),
    }
    (folder / RESULTS_FILE).write_text(json.dumps(results, indent=2))
    (folder / "results.md").write_text(to_markdown(results))
    print(to_markdown(results))


def expected_calibration_error(score_N: NDArray[np.float64], correct_N: NDArray[np.bool_]) -> float:
    """Mean distance of score and accuracy over equally wide bins of the score, weighted with their sizes."""
    bin_N = np.minimum((score_N * _BINS).astype(int), _BINS - 1)
    gaps = [abs(score_N[bin_N == b].mean() - correct_N[bin_N == b].mean()) * (bin_N == b).mean() for b in set(bin_N)]
    return float(sum(gaps))


def _accuracy(
    test: EmbeddedSet,
    head: ReliableFusion | None,
    bank: LabelBank,
    members: tuple[int, ...],
    replaced: dict[int, Tensor] | None = None,
) -> float | None:
    """Share of samples recognised from these modalities; None when too few samples have all of them.

    head: None for the bare embedding of a single modality. replaced: embeddings (N, D) put in a modality's place.
    """
    row_N = test.usable_MN[list(members)].all(dim=0).nonzero().squeeze(1)
    if len(row_N) < min(_LEAST_SAMPLES, len(test)):
        return None
    token_NTD = torch.stack([(replaced or {}).get(i, test.embedding_MNVD[i, :, 0])[row_N] for i in members], dim=1)
    fused_ND = token_NTD[:, 0]
    if head is not None:
        modality_NT = test.code_M[list(members)].expand(len(row_N), -1)
        quality_NT = test.quality_MN[list(members)][:, row_N].T
        with torch.no_grad():
            fused_ND, _ = head(token_NTD, modality_NT, quality_NT, torch.ones_like(modality_NT, dtype=torch.bool))
    predicted_N = similarity_of(bank, fused_ND).argmax(axis=1)
    return float((predicted_N == test.label_N[row_N].numpy()).mean())


def _averages(clean: dict[tuple[int, ...], float]) -> dict[str, float]:
    """Mean accuracy over all combinations of each size, and over all of them."""
    sizes = sorted({len(members) for members in clean})
    means = {str(size): float(np.mean([a for members, a in clean.items() if len(members) == size])) for size in sizes}
    return {**means, "all": float(np.mean(list(clean.values())))}


def _robustness(
    test: EmbeddedSet, head: ReliableFusion, bank: LabelBank, clean: dict[tuple[int, ...], float], seed: int
) -> dict[str, dict[str, float]]:
    """Per kind of corruption: mean and worst accuracy with one of three or more modalities corrupted, and the loss."""
    generator = torch.Generator().manual_seed(seed)
    results = {}
    for kind in ("no signal", "broken sensor", "another object"):
        clean_accuracies, accuracies = [], []
        for members, accuracy in clean.items():
            for victim in members if len(members) >= 3 else ():
                replaced = {victim: _replacement(test, kind, victim, generator)}
                corrupted = _accuracy(test, head, bank, members, replaced)
                clean_accuracies.append(accuracy)
                accuracies.append(corrupted if corrupted is not None else np.nan)
        if not accuracies:
            continue
        lost = np.array(clean_accuracies) - np.array(accuracies)
        results[kind] = {
            "clean": float(np.mean(clean_accuracies)),
            "corrupted": float(np.mean(accuracies)),
            "mean_loss": float(lost.mean()),
            "worst_loss": float(lost.max()),
        }
    return results


def _replacement(test: EmbeddedSet, kind: str, victim: int, generator: torch.Generator) -> Tensor:
    """Embeddings (N, D) that do not show the sample."""
    count = len(test)
    if kind == "no signal":
        return test.empty_MED[victim][torch.randint(test.empty_MED.shape[1], (count,), generator=generator)]
    if kind == "broken sensor":
        return test.faulty_MFD[victim][torch.randint(test.faulty_MFD.shape[1], (count,), generator=generator)]
    usable = test.usable_MN[victim].nonzero().squeeze(1)
    return test.embedding_MNVD[victim, usable[torch.randint(len(usable), (count,), generator=generator)], 0]


def _calibration(
    test: EmbeddedSet, head: ReliableFusion, bank: LabelBank, calibration: Calibration, config: TrainingConfig
) -> dict[str, dict[str, float]]:
    """Per number of tokens: accuracy on random sets, calibration error, and what abstaining leaves and wins."""
    results = {}
    for tokens in range(1, config.calibrate.most_tokens + 1):
        similarity_XK, label_X = sets_of_size(
            test, head, bank, tokens, draws=config.calibrate.draws, corrupted_share=0.0, seed=config.seed + 100
        )
        score_XK = np.stack([calibration.scores(row_K.astype(np.float32), tokens) for row_K in similarity_XK])
        correct_X = score_XK.argmax(axis=1) == label_X
        best_X = score_XK.max(axis=1)
        answered_X = np.array([not calibration.abstains(float(best), tokens) for best in best_X])
        results[str(tokens)] = {
            "accuracy": float(correct_X.mean()),
            "ece": expected_calibration_error(best_X, correct_X),
            "coverage": float(answered_X.mean()),
            "accuracy_when_answering": float(correct_X[answered_X].mean()) if answered_X.any() else 0.0,
        }
    return results


def _name(test: EmbeddedSet, members: tuple[int, ...]) -> str:
    return "+".join(str(test.modalities[index]) for index in members)
