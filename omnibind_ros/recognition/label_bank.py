"""The labels a robot can name, each with the text embeddings ("centres") that stand for it.

Shapes: B vectors, K labels, k centres a label, D dimensions.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.inference.label_examples import LabelExamples


class LabelBank:
    """K labels with k unit centres each, `centres_KkD` float32, and examples of some of them, if there are any."""

    def __init__(
        self, names: Sequence[str], centres_KkD: NDArray[np.float32], examples: LabelExamples | None = None
    ) -> None:
        if centres_KkD.ndim != 3 or centres_KkD.shape[0] != len(names) or not len(names):
            raise ConfigurationError(
                f"{len(names)} labels with centres of shape {centres_KkD.shape}",
                remedy="give one row of centres for each label",
            )
        self.names = tuple(names)
        # All labels' first centres, then all second ones: the nearest of each label is then found in whole rows.
        self._centres_DM = np.ascontiguousarray(centres_KkD.transpose(2, 1, 0).reshape(centres_KkD.shape[2], -1))
        self._per_label = centres_KkD.shape[1]
        self._examples = examples

    def similarity(self, vectors_BD: NDArray[np.float32]) -> NDArray[np.float32]:
        """Similarity (B, K) to each label: the cosine to its nearest centre (UniBind eq. 8), and what examples add."""
        cosine_BM = vectors_BD @ self._centres_DM
        nearest: NDArray[np.float32] = cosine_BM.reshape(len(vectors_BD), self._per_label, len(self.names)).max(axis=1)
        if self._examples is not None:
            self._examples.add_to(nearest, vectors_BD)
        return nearest
