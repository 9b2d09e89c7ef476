"""Finding what one modality shows among what another one has seen.

Shape legend: Q queries, G gallery, D embedding size.
"""

from itertools import permutations
from typing import Any

import torch
from torch import Tensor

from training.fusion.embedded import NO_GROUP, EmbeddedSet

RANKS = (1, 5, 10, 20)


def retrieval(embedded: EmbeddedSet) -> dict[str, dict[str, Any]]:
    """R@1, 5, 10, 20 in percent/100 for every ordered pair of modalities, `image→touch`.

    `by_label`: a hit shows something with the same label; `by_instance`: it shows the very same thing, for queries
    whose thing is in the gallery. Items that are in several samples count once.
    """
    by_label: dict[str, Any] = {}
    by_instance: dict[str, Any] = {}
    for query, gallery in permutations(range(len(embedded.modalities)), 2):
        name = f"{embedded.modalities[query]}→{embedded.modalities[gallery]}"
        query_Q, gallery_G = _distinct(embedded, query), _distinct(embedded, gallery)
        if not len(query_Q) or not len(gallery_G):
            continue
        cosine_QG = embedded.embedding_MNVD[query, query_Q, 0] @ embedded.embedding_MNVD[gallery, gallery_G, 0].T
        by_label[name] = recall(cosine_QG, embedded.label_N[query_Q][:, None] == embedded.label_N[gallery_G])
        thing_Q1 = embedded.group_MN[query, query_Q][:, None]
        same_QG = (thing_Q1 == embedded.group_MN[gallery, gallery_G]) & (thing_Q1 != NO_GROUP)
        there_Q = same_QG.any(dim=1)
        if there_Q.any():
            by_instance[name] = recall(cosine_QG[there_Q], same_QG[there_Q])
    return {"by_label": by_label, "by_instance": by_instance}


def recall(cosine_QG: Tensor, same_QG: Tensor) -> dict[str, float]:
    """Share of queries with a hit among the k nearest, by k; same_QG: bool, what counts as a hit."""
    order_QG = cosine_QG.argsort(dim=1, descending=True, stable=True)
    hit_QG = torch.gather(same_QG, 1, order_QG[:, : max(RANKS)])
    return {str(rank): float(hit_QG[:, :rank].any(dim=1).float().mean()) for rank in RANKS}


def _distinct(embedded: EmbeddedSet, index: int) -> Tensor:
    """One usable sample (rows) for each different embedding of a modality."""
    row_R = embedded.usable_MN[index].nonzero().squeeze(1)
    if not len(row_R):
        return row_R
    _, kind_R = torch.unique(embedded.embedding_MNVD[index, row_R, 0], dim=0, return_inverse=True)
    first = torch.full((int(kind_R.max()) + 1,), len(row_R)).scatter_reduce(0, kind_R, torch.arange(len(row_R)), "amin")
    return row_R[first.sort().values]
