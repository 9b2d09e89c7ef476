"""The entries of a store that are most similar to a vector, found by FAISS.

Shapes: N entries, D dimensions.
"""

from itertools import takewhile
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.retrieval.store import Entry, Store

# Up to here every entry is compared: 3 ms for 100,000 of 128 numbers. A graph answers faster but takes 14 s to build.
MOST_COMPARED = 100_000
_LINKS = 32
_DEPTH_OF_BUILDING = 80
_DEPTH_OF_SEARCH = 64
# What has changed stays in the index until so much of it is of no use any more.
_MOST_OUTDATED = 1000


class Nearest:
    """An index that follows a store. Raises ConfigurationError when FAISS is not installed."""

    def __init__(self, *, most_compared: int = MOST_COMPARED) -> None:
        """most_compared: with more entries than this, the search is approximate (HNSW)."""
        self._faiss = _faiss()
        self._most_compared = most_compared
        self._index: Any = None
        # The entry of each row; one that changed has a row for every state in which it was asked for.
        self._rows: list[Entry] = []
        self._known: set[int] = set()
        self._version = -1

    def search(self, store: Store, vector_D: NDArray[np.float32], most: int) -> list[tuple[Entry, float]]:
        """The entries of highest cosine to a unit vector, best first, and the cosine."""
        self.update(store)
        wanted, found = min(most, len(store)), []
        asked = 2 * wanted
        while wanted:
            asked = min(asked, len(self._rows))
            if self._is_graph:
                self._index.hnsw.efSearch = max(_DEPTH_OF_SEARCH, asked)
            cosine_1A, row_1A = self._index.search(vector_D[None], asked)
            pairs = ((row, min(float(cosine), 1.0)) for row, cosine in zip(row_1A[0], cosine_1A[0], strict=True))
            found = [(self._rows[row], cosine) for row, cosine in pairs if row >= 0 and store.holds(self._rows[row])]
            if len(found) >= wanted or asked == len(self._rows):
                break
            asked *= 4
        return found[:wanted]

    def update(self, store: Store) -> None:
        """Take in what is new in the store; the first time, and after much has changed, all of it."""
        if store.version == self._version:
            return
        # Whatever changes moves to the end of the store.
        fresh = list(takewhile(lambda entry: id(entry) not in self._known, store.newest_first()))
        outdated = len(self._rows) + len(fresh) - len(store)
        graph = len(store) > self._most_compared
        if self._index is None or graph != self._is_graph or outdated > len(store) + _MOST_OUTDATED or not len(store):
            self._index = self._graph(store.dimension) if graph else self._faiss.IndexFlatIP(store.dimension)
            self._rows, self._known, fresh = [], set(), list(store.entries)
        if fresh:
            self._index.add(np.stack([entry.vector for entry in fresh]))
            self._rows += fresh
            self._known.update(map(id, fresh))
        self._version = store.version

    @property
    def _is_graph(self) -> bool:
        return hasattr(self._index, "hnsw")

    def _graph(self, dimension: int) -> Any:
        index = self._faiss.IndexHNSWFlat(dimension, _LINKS, self._faiss.METRIC_INNER_PRODUCT)
        index.hnsw.efConstruction = _DEPTH_OF_BUILDING
        return index


def _faiss() -> Any:
    try:
        import faiss  # noqa: PLC0415 (the extra that only this needs)
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            "the memory is searched with FAISS, which is not installed", remedy="pip install 'faiss-cpu>=1.9'"
        ) from error
    # The robot's other nodes need their cores.
    faiss.omp_set_num_threads(1)
    return faiss
