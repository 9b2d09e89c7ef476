"""How many descriptions a category needs: accuracy over the number of centres (UniBind, section 5.2).

Shape legend: B samples, M descriptions, K categories, k centres a category, D embedding size.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from omnibind_ros.recognition.label_bank import LabelBank
from training.projection.centres import chosen_descriptions, log_mean_exp

COUNTS = tuple(range(10, 101, 10))
TEMPERATURE = 0.07


@dataclass(frozen=True)
class AblationRow:
    """wanted: the k asked for; centres: the k of every category, less where one has not so many."""

    wanted: int
    centres: int
    best: float
    log_mean_exp: float


def centre_ablation(
    sample_BD: NDArray[np.float32],
    label_B: NDArray[np.int64],
    vector_MD: NDArray[np.float32],
    ranked: Sequence[Sequence[int]],
    *,
    counts: Sequence[int] = COUNTS,
    temperature: float = TEMPERATURE,
) -> list[AblationRow]:
    """Accuracy by the nearest centre and by log-mean-exp for each k; label_B: places of categories in `ranked`."""
    rows = []
    for count in counts:
        chosen_Kk = chosen_descriptions(ranked, count)
        centre_KkD = vector_MD[chosen_Kk]
        nearest_BK = LabelBank([str(k) for k in range(len(ranked))], centre_KkD).similarity(sample_BD)
        smooth_BK = log_mean_exp(sample_BD, centre_KkD, temperature)
        accuracies = [float((score_BK.argmax(axis=1) == label_B).mean()) for score_BK in (nearest_BK, smooth_BK)]
        rows.append(AblationRow(count, chosen_Kk.shape[1], *accuracies))
    return rows


def to_markdown(rows: Sequence[AblationRow]) -> str:
    """A table, accuracies in percent."""
    lines = ["| k | centres a category | nearest (%) | log-mean-exp (%) |", "|---:|---:|---:|---:|"]
    lines += [f"| {r.wanted} | {r.centres} | {100 * r.best:.1f} | {100 * r.log_mean_exp:.1f} |" for r in rows]
    return "\n".join(lines) + "\n"
