"""Backends that do what a test tells them."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from omnibind_ros.inference.backend import TensorSpec

FLOAT = np.dtype(np.float32)


class FakeBackend:
    """Calls `compute` with what it is fed; counts calls and remembers whether it was closed."""

    device = "test bench"
    precision = "fp32"

    def __init__(
        self,
        inputs: tuple[TensorSpec, ...],
        outputs: tuple[TensorSpec, ...],
        compute: Callable[[Mapping[str, NDArray]], dict[str, NDArray]],
    ) -> None:
        self.inputs = inputs
        self.outputs = outputs
        self.compute = compute
        self.fed: list[Mapping[str, NDArray]] = []
        self.closed = False

    def run(self, feeds: Mapping[str, NDArray]) -> dict[str, NDArray]:
        self.fed.append(feeds)
        return self.compute(feeds)

    def close(self) -> None:
        self.closed = True


def fake_encoder(shape: tuple[int, ...], dimension: int, vector: NDArray | None = None) -> FakeBackend:
    """An encoder that answers every input with the same vector."""
    answer = np.eye(1, dimension, dtype=np.float32)[0] if vector is None else vector
    return FakeBackend(
        (TensorSpec("input", FLOAT, (None, *shape)),),
        (TensorSpec("embedding", FLOAT, (None, dimension)),),
        lambda feeds: {"embedding": np.tile(answer, (len(feeds["input"]), 1))},
    )
