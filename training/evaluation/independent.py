"""A yardstick for the fusion heads: how far independent opinions of the sensors lead when any of them may lie.

Shape legend: M modalities, N samples, V views, R rows, D embedding size, K labels.
"""

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import log_softmax
from sklearn.linear_model import LogisticRegression

from training.evaluation.combinations import Members, Replaced, rows_with
from training.fusion.embedded import EmbeddedSet

Array = NDArray[np.float64]
_CHANCE_OF_A_LIE = 0.2
_SHARPNESS = (0.5, 0.7, 1.0, 1.4, 2.0, 2.8, 4.0)


class IndependentOpinions:
    """p(label) ∝ Π over sensors of (1 - ε) p(label | its embedding) + ε / K, the best when sensors err independently.

    Each sensor's opinion is a logistic regression on the embeddings that the heads were trained on, as certain as fits
    the validation split best; ε is how often it is taken to lie. It knows the labels, which a head must not, so no head
    can take its place.
    """

    def __init__(self, trained: EmbeddedSet, validation: EmbeddedSet, labels: int) -> None:
        self._labels = labels
        self._opinions = [_Opinion(trained, validation, index) for index in range(len(trained.modalities))]

    def accuracy(
        self, embedded: EmbeddedSet, members: Members, replaced: Mapping[int, Replaced] | None = None
    ) -> float:
        """Share of the samples with these modalities that are recognised from them; replaced: see `robustness`."""
        row_R = rows_with(embedded, members)
        log_RK = np.zeros((len(row_R), self._labels))
        for index in members:
            other = (replaced or {}).get(index)
            embedding_ND = other.embedding_ND if other else embedded.embedding_MNVD[index, :, 0]
            posterior_RK = np.exp(self._opinions[index].log_posterior(embedding_ND[row_R].numpy(), self._labels))
            log_RK += np.log((1 - _CHANCE_OF_A_LIE) * posterior_RK + _CHANCE_OF_A_LIE / self._labels)
        return float((log_RK.argmax(axis=1) == embedded.label_N[row_R].numpy()).mean())


class _Opinion:
    def __init__(self, trained: EmbeddedSet, validation: EmbeddedSet, index: int) -> None:
        seen_N = trained.usable_MN[index]
        embedding_SD = trained.embedding_MNVD[index, seen_N].flatten(0, 1).numpy()
        label_S = trained.label_N[seen_N].repeat_interleave(trained.views).numpy()
        self._regression = LogisticRegression(C=3.0, max_iter=1000).fit(embedding_SD, label_S)
        self._sharpness = 1.0
        held_N = validation.usable_MN[index] & torch.isin(validation.label_N, trained.label_N[seen_N])
        if held_N.any():
            held_RD, truth_R = validation.embedding_MNVD[index, held_N, 0].numpy(), validation.label_N[held_N].numpy()
            self._sharpness = max(_SHARPNESS, key=lambda sharpness: self._likelihood(held_RD, truth_R, sharpness))

    def log_posterior(self, embedding_RD: NDArray[np.float32], labels: int, sharpness: float | None = None) -> Array:
        """(R, K); impossible for the labels that this sensor was never trained on."""
        score_RC = self._regression.decision_function(embedding_RD)
        if score_RC.ndim == 1:  # of two labels it gives one score
            score_RC = np.stack([-score_RC / 2, score_RC / 2], axis=1)
        log_RK = np.full((len(embedding_RD), labels), -np.inf)
        log_RK[:, self._regression.classes_] = log_softmax(score_RC * (sharpness or self._sharpness), axis=1)
        return log_RK

    def _likelihood(self, embedding_RD: NDArray[np.float32], truth_R: NDArray[np.int64], sharpness: float) -> float:
        log_RK = self.log_posterior(embedding_RD, int(truth_R.max()) + 1, sharpness)
        return float(log_RK[np.arange(len(truth_R)), truth_R].mean())
