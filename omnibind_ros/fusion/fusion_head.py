"""Adaptive fusion: the live embeddings become one, whatever their number.

The head itself is a network of the bundle (OmniBind eq. 8, with a reliability of each embedding); here it is run.
Shapes: B = 1, N embeddings, D dimensions.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from omnibind_ros.errors import BackendError, FusionError
from omnibind_ros.inference.backend import Backend
from omnibind_ros.inference.embedding import Embedding

_INPUTS = {"embeddings", "modality", "quality", "live"}
_OUTPUTS = {"fused", "weights"}


@dataclass(frozen=True, slots=True, eq=False)
class Fusion:
    """A fused embedding: `vector` (D,) float32 of length 1, and each member's weight, in order, summing to 1."""

    vector: NDArray[np.float32]
    weights: tuple[float, ...]


class FusionHead:
    """Runs the bundle's fusion head. Raises BackendError when it is not one for embeddings of this dimension."""

    def __init__(self, backend: Backend, *, dimension: int, file: str) -> None:
        self.backend = backend
        self._file = file
        names_in = {spec.name for spec in backend.inputs}
        names_out = {spec.name for spec in backend.outputs}
        if names_in != _INPUTS or not names_out >= _OUTPUTS:
            raise BackendError(
                f"the fusion head has inputs {sorted(names_in)} and outputs {sorted(names_out)}, it must have "
                f"{sorted(_INPUTS)} and {sorted(_OUTPUTS)}",
                remedy="export the bundle again with `python -m training bundle`",
                source=file,
            )
        sizes = {spec.shape[-1] for spec in (*backend.inputs, *backend.outputs) if spec.name in ("embeddings", "fused")}
        if not sizes <= {dimension, None}:
            raise BackendError(
                f"the fusion head is for embeddings of length {sizes - {None}}, the bundle's have {dimension}",
                remedy="export the bundle again with `python -m training bundle`",
                source=file,
            )

    def fuse(self, members: Sequence[Embedding]) -> Fusion:
        """Fuse N ≥ 1 embeddings. Raises FusionError when there is none, BackendError when the head fails."""
        if not members:
            raise FusionError("no embedding to fuse", remedy="fuse only while a source is live")
        result = self.backend.run(
            {
                "embeddings": np.array([[member.vector for member in members]], np.float32),
                "modality": np.array([[_code(member) for member in members]], np.int64),
                "quality": np.array([[member.quality for member in members]], np.float32),
                "live": np.ones((1, len(members)), np.bool_),
            }
        )
        vector_D = result["fused"][0].astype(np.float32, copy=False)
        weights_N = result["weights"][0]
        if not (np.isfinite(vector_D).all() and np.isfinite(weights_N).all()):
            raise BackendError(
                "the fusion head returned values that are not finite",
                remedy="export the bundle again with `python -m training bundle`",
                source=self._file,
            )
        return Fusion(vector_D, tuple(weights_N.tolist()))

    def close(self) -> None:
        """Release the backend."""
        self.backend.close()


def _code(member: Embedding) -> int:
    if member.modality is None:
        raise FusionError(
            "a fused embedding cannot be fused again", remedy="fuse the sources' own embeddings", source=member.source
        )
    return member.modality.code
