"""Embedding arithmetic: unit vectors are weighted, added and brought to unit length again (as ImageBind's are).

Shape: D dimensions.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from omnibind_ros.errors import QuestionError

_LEAST_LENGTH = 1e-3


def combined(parts: Iterable[tuple[float, NDArray[np.float32]]]) -> NDArray[np.float32]:
    """The unit vector (D,) of weighted vectors (D,), each of which counts with its weight whatever its length.

    Raises QuestionError when they cancel each other.
    """
    total_D = np.sum([weight * unit(vector_D) for weight, vector_D in parts], axis=0)
    if not np.linalg.norm(total_D) > _LEAST_LENGTH:
        raise QuestionError("the terms cancel each other", remedy="leave out what is added and subtracted")
    return unit(total_D)


def unit(vector_D: NDArray[np.floating]) -> NDArray[np.float32]:
    """A vector (D,) at unit length."""
    return np.asarray(vector_D / np.linalg.norm(vector_D), np.float32)
