"""Labelled examples that a bundle carries: what a label was taught by somebody's own recordings.

Shapes: B vectors, M examples, K labels, L labels that have examples, N the most of one label, D dimensions.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

NEAREST = 3


@dataclass(frozen=True, eq=False)
class LabelExamples:
    """Embeddings whose label is known, which add to the similarity to their labels (after Tip-Adapter, ECCV 2022).

    vector_MD: float32 unit vectors, the keys. label_M: int64 number of each one's label. alpha: what a label gains when
    its examples are the very vector. beta: how fast that falls with the distance.
    """

    vector_MD: NDArray[np.float32]
    label_M: NDArray[np.int64]
    alpha: float
    beta: float

    def add_to(self, similarity_BK: NDArray[np.float32], vectors_BD: NDArray[np.float32]) -> None:
        """Add α · mean of exp(−β (1 − cosine)) over a label's nearest examples to its similarity, in place.

        Tip-Adapter adds them all up. The mean is no advantage for a label of more examples, and of the nearest alone
        it is not diluted by those of other sensors.
        """
        labels, row_LN, count_L = self._by_label
        affinity_BM = np.exp(self.beta * (vectors_BD @ self.vector_MD.T - 1.0))
        nothing_B1 = np.zeros((len(affinity_BM), 1), affinity_BM.dtype)
        affinity_BLN = np.concatenate([affinity_BM, nothing_B1], axis=1)[:, row_LN]
        nearest_BLN = np.partition(affinity_BLN, -NEAREST, axis=2)[:, :, -NEAREST:]
        mean_BL = nearest_BLN.sum(axis=2) / np.minimum(count_L, NEAREST)
        similarity_BK[:, labels] += (self.alpha * mean_BL).astype(np.float32)

    def of_labels(self, names: Sequence[str], chosen: Sequence[str]) -> "LabelExamples | None":
        """Those of the chosen labels, with their numbers among these; None when there are none. names: of label_M."""
        number_K = np.array([chosen.index(name) if name in chosen else -1 for name in names])
        label_M = number_K[self.label_M]
        kept_M = label_M >= 0
        if not kept_M.any():
            return None
        return LabelExamples(self.vector_MD[kept_M], label_M[kept_M], self.alpha, self.beta)

    @cached_property
    def _by_label(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.intp]]:
        """Labels (L,) that have examples, the rows (L, N) of these, where there are fewer M, and how many (L,)."""
        labels, count_L = np.unique(self.label_M, return_counts=True)
        row_LN = np.full((len(labels), max(int(count_L.max()), NEAREST)), len(self.label_M), np.int64)
        for place, label in enumerate(labels):
            rows = np.flatnonzero(self.label_M == label)
            row_LN[place, : len(rows)] = rows
        return labels, row_LN, count_L
