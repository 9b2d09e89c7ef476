"""How far an encoder in lower precision is from the original, and whether that is near enough.

Shape legend: N samples, D embedding size.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from omnibind_ros.inference.backend import Backend
from omnibind_ros.inference.bundle_schema import Reduction
from omnibind_ros.recognition.label_bank import LabelBank

_BATCH = 16


@dataclass(frozen=True)
class Samples:
    """Inputs (N, *input_shape) of one modality and the number of each one's label in the bundle."""

    input_N: NDArray[np.generic]
    label_N: NDArray[np.int64]


@dataclass(frozen=True)
class Comparison:
    """On samples that were not used for calibration.

    cosine, worst_cosine: mean and least one of both embeddings of a sample. top_1_change: share of samples whose best
    label became another one. accuracy, accuracy_loss: of the encoder in lower precision alone, and how much the
    original's is higher.
    """

    cosine: float
    worst_cosine: float
    top_1_change: float
    accuracy: float
    accuracy_loss: float


@dataclass(frozen=True)
class Limits:
    """The least cosine and the largest top-1 change and loss of accuracy that are taken."""

    cosine: float
    top_1_change: float
    accuracy_loss: float

    def exceeded_by(self, comparison: Comparison) -> str:
        """What is beyond a limit, in words; empty when nothing is."""
        beyond = [f"cosine {comparison.cosine:.4f} < {self.cosine}"] if comparison.cosine < self.cosine else []
        for name in ("top_1_change", "accuracy_loss"):
            value, limit = getattr(comparison, name), getattr(self, name)
            if value > limit:
                beyond.append(f"{name.replace('_', ' ')} {value:.3f} > {limit}")
        return ", ".join(beyond)


LIMITS: dict[Reduction, Limits] = {
    "fp16": Limits(cosine=0.999, top_1_change=0.01, accuracy_loss=0.005),
    "int8": Limits(cosine=0.98, top_1_change=0.05, accuracy_loss=0.01),
    "int8_cpu": Limits(cosine=0.98, top_1_change=0.05, accuracy_loss=0.01),
}


def compare(original: Backend, reduced: Backend, samples: Samples, bank: LabelBank) -> Comparison:
    """Run both encoders over the samples. Raises BackendError, and ValueError when there is no sample."""
    if not len(samples.input_N):
        raise ValueError("there are no samples to compare with")
    original_ND, reduced_ND = (embeddings(backend, samples.input_N) for backend in (original, reduced))
    cosine_N = (original_ND * reduced_ND).sum(axis=1)
    before_N, after_N = (bank.similarity(vectors).argmax(axis=1) for vectors in (original_ND, reduced_ND))
    accuracy = float((after_N == samples.label_N).mean())
    return Comparison(
        cosine=float(cosine_N.mean()),
        worst_cosine=float(cosine_N.min()),
        top_1_change=float((before_N != after_N).mean()),
        accuracy=accuracy,
        accuracy_loss=float((before_N == samples.label_N).mean()) - accuracy,
    )


def embeddings(encoder: Backend, input_N: NDArray[np.generic]) -> NDArray[np.float32]:
    """Embeddings (N, D) of length 1, as the robot normalises them; zeros for those that it would refuse."""
    batches = (input_N[start : start + _BATCH] for start in range(0, len(input_N), _BATCH))
    vectors_ND = np.concatenate([encoder.run({"input": batch})["embedding"] for batch in batches]).astype(np.float32)
    norm_N1 = np.linalg.norm(vectors_ND, axis=1, keepdims=True)
    usable_N1 = np.isfinite(norm_N1) & (norm_N1 > 0)
    unit_ND = np.zeros_like(vectors_ND)
    np.divide(vectors_ND, norm_N1, out=unit_ND, where=usable_N1)
    return unit_ND
