"""Sightings for tests of the memory."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omnibind_ros.modality import Modality
from omnibind_ros.retrieval.sighting import Sighting
from omnibind_ros.retrieval.store import Store, StoreSettings

SPACE = 7
DIMENSION = 8
SECOND = 1_000_000_000
NEVER_THE_SAME = StoreSettings(merge_similarity=1.1)


def direction(*numbers: float) -> NDArray[np.float32]:
    """A unit vector; what is not given is 0."""
    vector = np.zeros(DIMENSION, np.float32)
    vector[: len(numbers)] = numbers
    return vector / np.linalg.norm(vector)


def axis(number: int) -> NDArray[np.float32]:
    return np.eye(DIMENSION, dtype=np.float32)[number]


def random_directions(count: int, *, dimension: int = DIMENSION, seed: int = 0) -> NDArray[np.float32]:
    vectors = np.random.default_rng(seed).normal(size=(count, dimension)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def sighting(vector: NDArray[np.float32], at_s: float = 0.0, **changes: Any) -> Sighting:
    fields = {
        "space": SPACE, "stamp_ns": round(at_s * SECOND), "frame_id": "camera", "label": "mug", "score": 0.5,
        "modalities": frozenset({Modality.IMAGE}),
    }  # fmt: skip
    return Sighting(vector, **{**fields, **changes})


def store_of(vectors: Iterable[NDArray[np.float32]], settings: StoreSettings = NEVER_THE_SAME) -> Store:
    """A store with an entry for each vector, seen one a second, called by its number."""
    store = Store(SPACE, DIMENSION, settings)
    for number, vector in enumerate(vectors):
        store.add(sighting(vector, number, label=str(number)))
    return store
