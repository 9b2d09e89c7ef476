"""Zero-shot recognition between two sensors without any text, as EBind's EShot does between sound and points.

Shape legend: N items, P pairs, C categories, D embedding size.
"""

from collections.abc import Mapping

import torch
from torch import Tensor

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.modality import Modality
from training.projection.embedding_table import EmbeddingTable
from training.projection.pairs import ABSENT, Pairs


def zero_shot_pairs(
    first: tuple[Modality, EmbeddingTable], second: tuple[Modality, EmbeddingTable], pairs: Pairs
) -> dict[str, dict[str, float]]:
    """Accuracies in both directions, `audio→point`; both tables hold embeddings of one space.

    pairs: `first` is the projected one, `second` a frozen one. `by_category`: an item is recognised when the nearest
    mean of the other modality's items of a category is that of its own (EBind, section 3.2); needs `category` of
    matches. `by_pair`: an item that has a match and a pair that is none is recognised when its match is nearer than
    every none; partial pairs count for neither. Raises ConfigurationError when the pairs allow neither.
    """
    item_P = pairs.frozen[second[0]]
    there_P = item_P != ABSENT
    left_P, right_P, target_P = pairs.projected_P[there_P], item_P[there_P], pairs.target_P[there_P]
    told = [name for name, there in zip(pairs.categories, there_P.tolist(), strict=True) if there]
    left_ND, right_ND = (torch.from_numpy(table.unit()) for _, table in (first, second))
    similarity_P = (left_ND[left_P] * right_ND[right_P]).sum(dim=1)
    categories = sorted({name for name, target in zip(told, target_P.tolist(), strict=True) if name and target == 1})
    number = {name: index for index, name in enumerate(categories)}
    counts_P = torch.tensor([number.get(name, ABSENT) for name in told])
    counts_P[target_P != 1] = ABSENT
    results: dict[str, dict[str, float]] = {}
    sides = ((first[0], left_P, left_ND), (second[0], right_P, right_ND))
    for (query, query_P, query_ND), (gallery, gallery_P, gallery_ND) in (sides, sides[::-1]):
        found = results.setdefault(f"{query}→{gallery}", {})
        if len(categories) > 1:
            query_items = _items(query_P, counts_P)
            means_CD = category_means(gallery_ND, _items(gallery_P, counts_P), len(categories))
            found["by_category"] = category_accuracy(query_ND, query_items, means_CD)
        accuracy = pair_accuracy(query_P, similarity_P, target_P)
        if accuracy is not None:
            found["by_pair"] = accuracy
    if not any(results.values()):
        raise ConfigurationError(
            "nothing can be told apart in these pairs",
            remedy="give matches of at least two categories, or items with both a match and a pair labelled none",
        )
    return results


def category_means(vector_ND: Tensor, items: Mapping[int, int], count: int) -> Tensor:
    """The mean (C, D) of the unit vectors of each category, at unit length; items: category by row."""
    rows, category = torch.tensor(list(items)), torch.tensor(list(items.values()))
    sum_CD = torch.zeros(count, vector_ND.shape[1]).index_add_(0, category, vector_ND[rows])
    return torch.nn.functional.normalize(sum_CD, dim=1)


def category_accuracy(vector_ND: Tensor, items: Mapping[int, int], means_CD: Tensor) -> float:
    """Share of items whose nearest category mean is that of their own category."""
    rows, category = torch.tensor(list(items)), torch.tensor(list(items.values()))
    return float(((vector_ND[rows] @ means_CD.T).argmax(dim=1) == category).float().mean())


def pair_accuracy(query_P: Tensor, similarity_P: Tensor, target_P: Tensor) -> float | None:
    """Share of the queries with a match and a none whose nearest match is nearer than every none; None without any."""
    right = []
    for query in torch.unique(query_P):
        mine_P = query_P == query
        match, none = similarity_P[mine_P & (target_P == 1)], similarity_P[mine_P & (target_P == 0)]
        if len(match) and len(none):
            right.append(bool(match.max() > none.max()))
    return sum(right) / len(right) if right else None


def _items(row_P: Tensor, category_P: Tensor) -> dict[int, int]:
    """Category of each item that has one. Raises ConfigurationError for an item of two."""
    items: dict[int, int] = {}
    for row, category in zip(row_P.tolist(), category_P.tolist(), strict=True):
        if category != ABSENT and items.setdefault(row, category) != category:
            raise ConfigurationError("an item is in two categories", remedy="give each item one `category`")
    return items
