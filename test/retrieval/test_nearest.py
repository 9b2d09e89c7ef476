import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from seen import DIMENSION, SPACE, axis, direction, random_directions, sighting, store_of

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.retrieval.nearest import Nearest
from omnibind_ros.retrieval.store import Store, StoreSettings


@pytest.fixture(autouse=True)
def faiss() -> None:
    pytest.importorskip("faiss", reason="needs requirements/memory.txt")


def exact(store: Store, vector: np.ndarray, most: int) -> list[tuple[int, float]]:
    cosines = {entry.number: float(entry.vector @ vector) for entry in store.entries}
    return sorted(cosines.items(), key=lambda one: -one[1])[:most]


def found(nearest: Nearest, store: Store, vector: np.ndarray, most: int) -> list[tuple[int, float]]:
    return [(entry.number, cosine) for entry, cosine in nearest.search(store, vector, most)]


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 12), st.booleans())
def test_it_finds_what_comparing_with_every_entry_finds_whatever_changed_between(
    seed: int, most: int, graph: bool
) -> None:
    store = Store(SPACE, DIMENSION, StoreSettings(most=20, merge_similarity=0.9))
    nearest = Nearest(most_compared=5 if graph else 1000)
    vectors = random_directions(120, seed=seed)
    for number, vector in enumerate(vectors):
        store.add(sighting(vector, number))
        if number % 10 == 9:
            query = vectors[(7 * number) % 120]
            for (entry, cosine), (wanted, right) in zip(
                found(nearest, store, query, most), exact(store, query, most), strict=True
            ):
                assert entry == wanted
                assert cosine == pytest.approx(min(right, 1.0), abs=1e-5)


def test_an_entry_that_changed_a_thousand_times_hides_no_other() -> None:
    store = Store(SPACE, DIMENSION, StoreSettings())
    nearest = Nearest()
    store.add(sighting(direction(1, 1)))
    for number in range(900):
        store.add(sighting(axis(0), number * 0.01))
        assert len(found(nearest, store, axis(0), 1)) == 1
    assert [number for number, _ in found(nearest, store, axis(0), 5)] == [2, 1]


def test_the_index_does_not_grow_for_ever() -> None:
    store = Store(SPACE, DIMENSION, StoreSettings())
    nearest = Nearest()
    for number in range(5000):
        store.add(sighting(axis(0), number * 0.01))
        nearest.update(store)
    assert len(nearest._rows) < 2000


def test_an_empty_and_a_cleared_store_have_nothing() -> None:
    nearest = Nearest()
    store = store_of([])
    assert found(nearest, store, axis(0), 5) == []
    full = store_of(random_directions(5))
    assert len(found(nearest, full, axis(0), 5)) == 5
    full.clear()
    assert found(nearest, full, axis(0), 5) == []
    assert nearest._rows == []


def test_a_graph_of_many_finds_nearly_all_of_the_nearest() -> None:
    centres = random_directions(30, dimension=64)
    vectors = np.repeat(centres, 40, axis=0) + 0.08 * random_directions(1200, dimension=64, seed=1) * 8
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    store = Store(SPACE, 64, StoreSettings(merge_similarity=1.1))
    for vector in vectors.astype(np.float32):
        store.add(sighting(vector))
    nearest = Nearest(most_compared=100)
    recall = []
    for query in centres:
        right = {number for number, _ in exact(store, query, 10)}
        recall.append(len(right & {number for number, _ in found(nearest, store, query, 10)}) / 10)
    assert np.mean(recall) > 0.95


def test_without_faiss_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "faiss", None)
    with pytest.raises(ConfigurationError, match="pip install 'faiss-cpu"):
        Nearest()
