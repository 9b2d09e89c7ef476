"""Random sets of tokens, as a robot with some sensors would have them: any subset, some tokens broken.

Shape legend: B sets, T tokens, M modalities, V views, C corrupted tokens, D embedding size.
"""

from dataclasses import dataclass, fields, replace

import torch
from torch import Tensor
from torch.nn import functional

from omnibind_ros.modality import Modality
from training.fusion.embedded import EmbeddedSet

# how often each way of `_corruptions` is taken, in their order
_WAYS = (0.4, 0.1, 0.1, 0.2, 0.2)
# of two tokens that both look sound nobody can say which one shows another object
_WAYS_OF_TWO = (0.0, 0.2, 0.2, 0.3, 0.3)
_OTHER, _RANDOM, _FAULTY = 0, 1, 4


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
    most_of_a_modality: int = 2,
    twins: bool = False,
) -> TokenSets:
    """Sets of `fewest_tokens` to `most_tokens` tokens, drawn afresh: a sample each, and some of its sources.

    A set is smaller where the sample has too few usable modalities.

    corrupted_share: of the sets with two or more tokens; in these, fewer than half of the tokens are corrupted (one of
    two), each in one of the ways of `_corruptions`. twins: as training wants it: corrupted sets come beside the clean
    ones instead of in their place, and of two tokens neither shows another object, as nobody could say which.
    """
    row_B = torch.randint(len(embedded), (count,), generator=generator)
    source_BT, live_BT = _draw_sources(
        embedded,
        row_B,
        fewest=fewest_tokens,
        most=most_tokens,
        repeats=most_of_a_modality,
        generator=generator,
    )
    view_BT = torch.randint(embedded.views, source_BT.shape, generator=generator)
    clean = TokenSets(
        embedding_BTD=embedded.embedding_MNVD[source_BT, row_B[:, None], view_BT],
        modality_BT=embedded.code_M[source_BT],
        quality_BT=embedded.quality_MN[source_BT, row_B[:, None]],
        live_BT=live_BT,
        corrupted_BT=torch.zeros_like(live_BT),
        label_B=embedded.label_N[row_B],
    )
    # from draws of their own, so that the sets are the same with and without corruption
    own = torch.Generator().manual_seed(int(torch.randint(2**31, (), generator=generator)))
    corrupted_BT = _choose_corrupted(live_BT, corrupted_share, own)
    broken = corrupted_BT.nonzero(as_tuple=True)
    undecided_B1 = (live_BT.sum(dim=1, keepdim=True) == 2) & twins
    embedding_BTD, quality_BT = clean.embedding_BTD.clone(), clean.quality_BT.clone()
    embedding_BTD[broken], quality_BT[broken] = _corruptions(
        embedded,
        row_B[broken[0]],
        source_BT[broken],
        embedding_CD=embedding_BTD[broken],
        quality_C=quality_BT[broken],
        chances_C5=torch.where(undecided_B1[broken[0]], torch.tensor(_WAYS_OF_TWO), torch.tensor(_WAYS)),
        generator=own,
    )
    corrupted = replace(clean, embedding_BTD=embedding_BTD, quality_BT=quality_BT, corrupted_BT=corrupted_BT)
    return _beside(clean, corrupted) if twins else corrupted


def _beside(clean: TokenSets, corrupted: TokenSets) -> TokenSets:
    """All clean sets, and those of the others in which something is corrupted."""
    hit_B = corrupted.corrupted_BT.any(dim=1)
    return TokenSets(
        **{
            field.name: torch.cat([getattr(clean, field.name), getattr(corrupted, field.name)[hit_B]])
            for field in fields(TokenSets)
        }
    )


def _draw_sources(
    embedded: EmbeddedSet, row_B: Tensor, *, fewest: int, most: int, repeats: int, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Indices of modalities (B, T) and which are live: every number from the fewest to all is equally likely."""
    usable_BM = embedded.usable_MN[:, row_B].T
    modalities = usable_BM.shape[1]
    rank_BS = torch.rand(len(row_B), repeats * modalities, generator=generator)
    # a second source of a modality is a rarer thing than a first one
    rank_BS += 0.5 * torch.arange(repeats).repeat_interleave(modalities)
    # text says what the object is; it must not be what the head learns to wait for
    rank_BS += 0.4 * (embedded.code_M == Modality.TEXT.code).repeat(repeats)
    rank_BS = rank_BS.masked_fill(~usable_BM.repeat(1, repeats), torch.inf)
    order_BT = rank_BS.argsort(dim=1)[:, :most]
    available_B1 = usable_BM.sum(dim=1, keepdim=True).mul(repeats).clamp(max=most)
    spread_B1 = (available_B1 - fewest + 1).clamp(min=1)
    number_B1 = (torch.rand(available_B1.shape, generator=generator) * spread_B1).long() + fewest
    number_B1 = torch.minimum(number_B1, available_B1)
    return order_BT % modalities, torch.arange(order_BT.shape[1]) < number_B1


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
    row_C: Tensor,
    source_C: Tensor,
    *,
    embedding_CD: Tensor,
    quality_C: Tensor,
    chances_C5: Tensor,
    generator: torch.Generator,
) -> tuple[Tensor, Tensor]:
    """What some tokens would be if their sensors lied (C, D), and the quality they would claim (C,).

    One of five, by their chances: the same sensor before an object of another label; a random direction; drowned in
    noise; the encoder's answer to noise or to a constant input; the encoder's answer to what a broken sensor sent.
    """
    count = len(source_C)
    way_C = torch.multinomial(chances_C5, 1, generator=generator).squeeze(1) if count else source_C
    rows_MN, usable_M = embedded.usable_rows
    other_C = rows_MN[source_C, (torch.rand(count, generator=generator) * usable_M[source_C]).long()]
    # what shows the same label is no lie
    same_C = embedded.label_N[other_C] == embedded.label_N[row_C]
    way_C = torch.where(same_C & (way_C == _OTHER), _RANDOM, way_C)
    other_CD = embedded.embedding_MNVD[source_C, other_C, 0]
    random_CD = functional.normalize(torch.randn(embedding_CD.shape, generator=generator), dim=-1)
    drowned_CD = functional.normalize(0.4 * embedding_CD + random_CD, dim=-1)
    empty_CD = embedded.empty_MED[source_C, torch.randint(embedded.empty_MED.shape[1], (count,), generator=generator)]
    faulty_C = torch.randint(embedded.faulty_MFD.shape[1], (count,), generator=generator)
    faulty_CD = embedded.faulty_MFD[source_C, faulty_C]
    ways = torch.stack([other_CD, random_CD, drowned_CD, empty_CD, faulty_CD])
    claimed_C = torch.where(way_C == _FAULTY, embedded.faulty_quality_MF[source_C, faulty_C], quality_C)
    return ways[way_C, torch.arange(count)], claimed_C
