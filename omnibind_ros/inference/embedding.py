"""An embedding: what one source's sensor data became."""

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from omnibind_ros.modality import Modality


@dataclass(frozen=True, slots=True, eq=False)
class Embedding:
    """One source's unit vector in the bundle's space.

    modality: None for a fused embedding.
    vector: (D,) float32 of length 1. quality: in [0, 1]. stamp_ns: when the sensor saw it, ROS time. frame_id: the
    sensor's frame. space: `space_number` of the bundle's embedding space.
    """

    source: str
    modality: Modality | None
    vector: NDArray[np.float32]
    quality: float
    stamp_ns: int
    frame_id: str
    space: int


def space_number(space_id: str) -> int:
    """32-bit number that stands for an embedding space on the wire, so that vectors of two bundles never mix."""
    return int.from_bytes(hashlib.sha256(space_id.encode()).digest()[:4], "little")
