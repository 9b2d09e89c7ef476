"""An encoder: model inputs of one modality in, unit vectors out."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from omnibind_ros.errors import BackendError
from omnibind_ros.inference.backend import Backend
from omnibind_ros.inference.bundle import Bundle
from omnibind_ros.modality import Modality
from omnibind_ros.preprocessing.model_input import ModelInput

INPUT_NAME = "input"
OUTPUT_NAME = "embedding"


class Encoder:
    """The encoder of one modality on one backend; checked against the bundle when made.

    Raises BackendError when the network's names, types or shapes are not those the bundle states.
    """

    def __init__(self, bundle: Bundle, modality: Modality, backend: Backend) -> None:
        self.modality = modality
        self.backend = backend
        description = bundle.description.encoders[modality]
        self._dtype = np.dtype(description.input.dtype)
        self._shape = tuple(description.input.shape)
        self._dimension = bundle.dimension
        self._max_batch = description.max_batch
        self._file = description.file
        self._check_network()

    def encode(self, inputs: Sequence[ModelInput]) -> NDArray[np.float32]:
        """Unit vectors (B, D) of B inputs, in batches no larger than the bundle allows.

        Raises BackendError when the network fails or returns anything but finite vectors.
        """
        vectors = []
        for vector in self.encode_each(inputs):
            if isinstance(vector, BackendError):
                raise vector.at(self._file)
            vectors.append(vector)
        return np.stack(vectors)

    def encode_each(self, inputs: Sequence[ModelInput]) -> list[NDArray[np.float32] | BackendError]:
        """A unit vector (D,) of each input, or for one without a finite vector an error that names no source.

        Raises BackendError when the network fails.
        """
        vectors: list[NDArray[np.float32] | BackendError] = []
        for start in range(0, len(inputs), self._max_batch):
            vectors += self._encode_batch(np.stack([one.array for one in inputs[start : start + self._max_batch]]))
        return vectors

    def warm_up(self) -> None:
        """Run once on zeros, so that the first real input does not pay for allocations."""
        self.backend.run({INPUT_NAME: np.zeros((1, *self._shape), self._dtype)})

    def close(self) -> None:
        """Release the backend."""
        self.backend.close()

    def _encode_batch(self, batch: NDArray[np.generic]) -> list[NDArray[np.float32] | BackendError]:
        output = self.backend.run({INPUT_NAME: batch.astype(self._dtype, copy=False)})[OUTPUT_NAME]
        vectors_BD = output.astype(np.float32, copy=False)
        norms_B = np.linalg.norm(vectors_BD, axis=1)
        return [
            vector_D / norm if np.isfinite(norm) and norm > 0 else self._no_vector()
            for vector_D, norm in zip(vectors_BD, norms_B, strict=True)
        ]

    def _no_vector(self) -> BackendError:
        return BackendError(
            f"the {self.modality} encoder returned no finite vector",
            remedy="check the sensor's data; if it persists, export the bundle again",
        )

    def _check_network(self) -> None:
        inputs = {spec.name: spec for spec in self.backend.inputs}
        outputs = {spec.name: spec for spec in self.backend.outputs}
        expected_in = (self._dtype, self._shape)
        actual_in = (inputs[INPUT_NAME].dtype, inputs[INPUT_NAME].shape[1:]) if INPUT_NAME in inputs else None
        actual_out = outputs[OUTPUT_NAME].shape[1:] if OUTPUT_NAME in outputs else None
        if actual_in != expected_in or actual_out != (self._dimension,):
            raise BackendError(
                f"the network takes {actual_in} and returns {actual_out}, the bundle states {expected_in} and "
                f"{(self._dimension,)}",
                remedy="export the bundle again with `python -m training bundle`",
                source=self._file,
            )
