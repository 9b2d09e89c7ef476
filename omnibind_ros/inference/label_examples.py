"""Labelled examples that a bundle carries: what a label was taught by somebody's own recordings.

Shapes: B vectors, M examples, K labels, D dimensions.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class LabelExamples:
    """Embeddings whose label is known, which add to the similarity to their labels (Tip-Adapter, ECCV 2022).

    vector_MD: float32 unit vectors, the keys. label_M: int64 number of each one's label. alpha: what a label gains when
    all its examples are the very vector. beta: how fast that falls with the distance.
    """

    vector_MD: NDArray[np.float32]
    label_M: NDArray[np.int64]
    alpha: float
    beta: float

    def add_to(self, similarity_BK: NDArray[np.float32], vectors_BD: NDArray[np.float32]) -> None:
        """Add α · mean of exp(−β (1 − cosine)) over a label's examples to its similarity, in place.

        The mean in place of Tip-Adapter's sum: a label gains no more for having more examples than another.
        """
        order_M, labels, starts, counts = self._by_label
        affinity_BM = np.exp(self.beta * (vectors_BD @ self.vector_MD[order_M].T - 1.0))
        mean_BL = np.add.reduceat(affinity_BM, starts, axis=1) / counts
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
    def _by_label(self) -> tuple[NDArray[np.intp], NDArray[np.int64], NDArray[np.intp], NDArray[np.intp]]:
        """Order of the examples by label, the labels that have any, where each one's begin, and how many they are."""
        order_M = np.argsort(self.label_M, kind="stable")
        labels, starts, counts = np.unique(self.label_M[order_M], return_index=True, return_counts=True)
        return order_M, labels, starts, counts
