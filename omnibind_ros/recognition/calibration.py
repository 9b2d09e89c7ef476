"""From similarities to scores that mean what they say, and to `unknown` where they say too little."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


class Calibration:
    """Temperature and abstention threshold by the number of fused embeddings.

    Entry i holds for i + 1 embeddings, the last one for more: agreement of many sensors deserves another confidence
    than one sensor alone.
    """

    def __init__(self, temperatures: Sequence[float], thresholds: Sequence[float]) -> None:
        self._temperatures = tuple(temperatures)
        self._thresholds = tuple(thresholds)

    def scores(self, similarity_K: NDArray[np.float32], members: int) -> NDArray[np.float64]:
        """Probabilities (…, K) of the labels: the softmax of the similarities (…, K) over the temperature."""
        logits_K = similarity_K.astype(np.float64) / _entry(self._temperatures, members)
        weights_K = np.exp(logits_K - logits_K.max(axis=-1, keepdims=True))
        scores_K: NDArray[np.float64] = weights_K / weights_K.sum(axis=-1, keepdims=True)
        return scores_K

    def abstains(self, best_score: float, members: int) -> bool:
        """Whether the best score is too low to name a label."""
        return best_score < _entry(self._thresholds, members)


def _entry(values: tuple[float, ...], members: int) -> float:
    return values[min(max(members, 1), len(values)) - 1]
