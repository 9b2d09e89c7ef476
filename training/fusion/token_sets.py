"""Random sets of tokens, as a robot with some sensors would have them: any subset, some tokens broken.

Shape legend: B sets, T tokens, M modalities, V views, D embedding size.
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from omnibind_ros.modality import Modality
from training.fusion.embedded import EmbeddedSet


@dataclass(frozen=True)
class TokenSets:
    """Inputs of the fusion head for a batch, with what is true of them.

    embedding_BTD, modality_BT, quality_BT, live_BT: as the head takes them. corrupted_BT: bool, which tokens do not
    show the sample. label_B: the true label.
    """

    embedding_BTD: Tensor
    modality_BT: Tensor
    quality_BT: Tensor
    live_BT: Tensor
    corrupted_BT: Tensor
    label_B: Tensor


def draw_token_sets(
    embedded: EmbeddedSet,
    *,
    count: int,
    most_tokens: int,
    corrupted_share: float,
    generator: torch.Generator,
    fewest_tokens: int = 1,
) -> TokenSets:
    """Sets of `fewest_tokens` to `most_tokens` tokens, drawn afresh: a sample each, and some of its sources.

    A modality is there twice at most, and a set is smaller where the sample has too few usable modalities.

    corrupted_share: of the sets with two or more tokens; in these, fewer than half of the tokens are corrupted (one of
    two), each in one of the ways of `_corruptions`.
    """
    row_B = torch.randint(len(embedded), (count,), generator=generator)
    source_BT, live_BT = _draw_sources(embedded, row_B, fewest_tokens, most_tokens, generator)
    view_BT = torch.randint(embedded.views, source_BT.shape, generator=generator)
    embedding_BTD = embedded.embedding_MNVD[source_BT, row_B[:, None], view_BT]
    quality_BT = embedded.quality_MN[source_BT, row_B[:, None]]
    corrupted_BT = _choose_corrupted(live_BT, corrupted_share, generator)
    broken_BTD, broken_quality_BT = _corruptions(
        embedded, row_B, source_BT, embedding_BTD, quality_BT, generator=generator
    )
    return TokenSets(
        embedding_BTD=torch.where(corrupted_BT[..., None], broken_BTD, embedding_BTD),
        modality_BT=embedded.code_M[source_BT],
        quality_BT=torch.where(corrupted_BT, broken_quality_BT, quality_BT),
        live_BT=live_BT,
        corrupted_BT=corrupted_BT,
        label_B=embedded.label_N[row_B],
    )


def _draw_sources(
    embedded: EmbeddedSet, row_B: Tensor, fewest_tokens: int, most_tokens: int, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Indices of modalities (B, T) and which of them are live: every number from 1 to all is equally likely."""
    usable_BM = embedded.usable_MN[:, row_B].T
    # a second source of a modality is a rarer thing than a first one
    rank_B2M = torch.rand(len(row_B), 2 * len(embedded.code_M), generator=generator)
    rank_B2M[:, len(embedded.code_M) :] += 0.5
    # text says what the object is; it must not be what the head learns to wait for
    rank_B2M += 0.4 * (embedded.code_M == Modality.TEXT.code).repeat(2)
    rank_B2M = rank_B2M.masked_fill(~usable_BM.repeat(1, 2), torch.inf)
    order_BT = rank_B2M.argsort(dim=1)[:, :most_tokens]
    available_B1 = usable_BM.sum(dim=1, keepdim=True).mul(2).clamp(max=most_tokens)
    spread_B1 = (available_B1 - fewest_tokens + 1).clamp(min=1)
    number_B1 = (torch.rand(available_B1.shape, generator=generator) * spread_B1).long() + fewest_tokens
    number_B1 = torch.minimum(number_B1, available_B1)
    return order_BT % len(embedded.code_M), torch.arange(order_BT.shape[1]) < number_B1


def _choose_corrupted(live_BT: Tensor, share: float, generator: torch.Generator) -> Tensor:
    number_B1 = live_BT.sum(dim=1, keepdim=True)
    most_B1 = torch.where(number_B1 == 2, 1, (number_B1 - 1) // 2)
    chosen_B1 = (torch.rand(number_B1.shape, generator=generator) * most_B1).long() + 1
    # with two tokens nobody can say which of two sound-looking ones is wrong, so that case is rarer
    share_B1 = torch.where(number_B1 == 2, share / 2, share)
    hit_B1 = (torch.rand(number_B1.shape, generator=generator) < share_B1) & (number_B1 >= 2)
    rank_BT = torch.rand(live_BT.shape, generator=generator).masked_fill(~live_BT, torch.inf).argsort(1).argsort(1)
    return (rank_BT < chosen_B1) & hit_B1 & live_BT


def _corruptions(
    embedded: EmbeddedSet,
    row_B: Tensor,
    source_BT: Tensor,
    embedding_BTD: Tensor,
    quality_BT: Tensor,
    *,
    generator: torch.Generator,
) -> tuple[Tensor, Tensor]:
    """For every token, what it would be if its sensor lied, and the quality it would claim.

    One of: the same sensor before another object; a random direction; drowned in noise; the encoder's answer to noise
    or to a constant input; the encoder's answer to what a broken sensor sent.
    """
    shape = source_BT.shape
    other_BT = torch.randint(len(embedded), shape, generator=generator)
    other_BTD = embedded.embedding_MNVD[source_BT, other_BT, 0]
    random_BTD = functional.normalize(torch.randn(embedding_BTD.shape, generator=generator), dim=-1)
    drowned_BTD = functional.normalize(0.4 * embedding_BTD + random_BTD, dim=-1)
    empty_BT = torch.randint(embedded.empty_MED.shape[1], shape, generator=generator)
    empty_BTD = embedded.empty_MED[source_BT, empty_BT]
    faulty_BT = torch.randint(embedded.faulty_MFD.shape[1], shape, generator=generator)
    faulty_BTD = embedded.faulty_MFD[source_BT, faulty_BT]
    ways = torch.stack([other_BTD, random_BTD, drowned_BTD, empty_BTD, faulty_BTD])
    way_BT = torch.tensor([0.4, 0.1, 0.1, 0.2, 0.2]).multinomial(shape.numel(), True, generator=generator).view(shape)
    broken_BTD = torch.gather(ways, 0, way_BT[None, ..., None].expand(1, *embedding_BTD.shape))[0]
    claimed_BT = torch.where(way_BT == 4, embedded.faulty_quality_MF[source_BT, faulty_BT], quality_BT)
    return broken_BTD, claimed_BT
