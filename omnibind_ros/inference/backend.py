"""The small protocol behind which ONNX Runtime, TensorRT and others run a network."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class TensorSpec:
    """Name, NumPy dtype and shape of a network's input or output; None stands for a free dimension."""

    name: str
    dtype: np.dtype[np.generic]
    shape: tuple[int | None, ...]


class Backend(Protocol):
    """A loaded network. Not thread-safe: one worker owns it."""

    @property
    def device(self) -> str:
        """Where it runs, in words for the diagnostics (`CPU`, `NVIDIA Orin`)."""

    @property
    def precision(self) -> str:
        """`fp32`, `fp16` or `int8`."""

    @property
    def inputs(self) -> tuple[TensorSpec, ...]:
        """What it takes."""

    @property
    def outputs(self) -> tuple[TensorSpec, ...]:
        """What it returns."""

    def run(self, feeds: Mapping[str, NDArray[np.generic]]) -> dict[str, NDArray[np.generic]]:
        """Outputs by name for inputs by name. Raises BackendError."""

    def close(self) -> None:
        """Release sessions, memory and device buffers. Running afterwards raises BackendError."""
