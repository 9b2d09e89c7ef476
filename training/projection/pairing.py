"""Pairs of texts and items of another modality that nobody recorded together: EBind's Algorithm 1.

Shape legend: T texts, I items, D embedding size, C candidates.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

NEIGHBOURS = 8
_LINKS = 32
_SEARCHED = 128


class Candidate(NamedTuple):
    """A text and an item, by their rows, and their cosine."""

    text: int
    item: int
    similarity: float


def pair(
    text_TD: NDArray[np.float32],
    item_ID: NDArray[np.float32],
    *,
    text_uses: int,
    item_uses: int,
    neighbours: int = NEIGHBOURS,
) -> list[Candidate]:
    """Pairs of unit vectors, the most similar first; no text is in more than `text_uses`, no item in `item_uses`."""
    return accepted(nearest_items(text_TD, item_ID, neighbours), text_uses=text_uses, item_uses=item_uses)


def nearest_items(text_TD: NDArray[np.float32], item_ID: NDArray[np.float32], neighbours: int) -> list[Candidate]:
    """The items nearest to each text by cosine, from an HNSW32 index of FAISS: nearly always the very nearest."""
    import faiss  # noqa: PLC0415 it brings threads of its own, for one command only

    wanted = min(neighbours, len(item_ID))
    index = faiss.IndexHNSWFlat(item_ID.shape[1], _LINKS, faiss.METRIC_INNER_PRODUCT)
    index.hnsw.efConstruction = index.hnsw.efSearch = max(_SEARCHED, wanted)
    index.add(np.ascontiguousarray(item_ID))
    similarity_TC, item_TC = index.search(np.ascontiguousarray(text_TD), wanted)
    text_TC = np.broadcast_to(np.arange(len(text_TD))[:, None], item_TC.shape)
    found_TC = item_TC >= 0
    columns = (text_TC[found_TC].tolist(), item_TC[found_TC].tolist(), similarity_TC[found_TC].tolist())
    return [Candidate(*row) for row in zip(*columns, strict=True)]


def accepted(candidates: Sequence[Candidate], *, text_uses: int, item_uses: int) -> list[Candidate]:
    """Candidates by descending similarity, each while its text and its item are not used up; ties by their rows."""
    used_texts: dict[int, int] = {}
    used_items: dict[int, int] = {}
    pairs = []
    for candidate in sorted(candidates, key=lambda one: (-one.similarity, one.text, one.item)):
        text, item, _ = candidate
        if used_texts.get(text, 0) >= text_uses or used_items.get(item, 0) >= item_uses:
            continue
        used_texts[text] = used_texts.get(text, 0) + 1
        used_items[item] = used_items.get(item, 0) + 1
        pairs.append(candidate)
    return pairs
