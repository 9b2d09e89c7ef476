"""What every modality's preprocessing ends in: one encoder input with its quality and its time."""

from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

ArrayT_contra = TypeVar("ArrayT_contra", contravariant=True)


@dataclass(frozen=True, slots=True, eq=False)
class ModelInput:
    """One input of an encoder, without the batch dimension.

    array: float32 (or int64 for tokens), C-contiguous, exactly the shape the encoder takes.
    quality: in [0, 1], judged from the signal alone; 0 means it carries nothing (black, silent, no contact).
    stamp_ns: when the sensor saw it, ROS time in nanoseconds; the end of the window for streams.
    """

    array: NDArray[np.generic]
    quality: float
    stamp_ns: int


class Preprocessor(Protocol[ArrayT_contra]):
    """Turns decoded arrays of one source into model inputs; holds what must outlive a message (window, reference)."""

    def add(self, array: ArrayT_contra, stamp_ns: int) -> None:
        """Take one decoded array. Raises InputError when it cannot be used."""

    def take(self) -> ModelInput | None:
        """The newest input that was not taken yet, or None while there is none. Raises InputError."""
