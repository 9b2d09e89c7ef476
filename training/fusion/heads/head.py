"""What every fusion head is: the interface that training, evaluation and export share.

Shape legend: B batch, N tokens, M modalities, D embedding size, K labels.
"""

from abc import ABC, abstractmethod
from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from omnibind_ros.modality import Modality
from training.config import DIMENSION
from training.fusion.token_sets import TokenSets


class FusionHead(nn.Module, ABC):
    """Any number of embeddings of any modalities to one, in whatever order they come.

    Tokens that are not live count as if they were absent, whatever they hold, NaN included. A row without a live token
    is an error of the caller: what comes out is finite and means nothing.
    """

    learns_from_corruption: ClassVar[bool] = False

    def __init__(self, dimension: int = DIMENSION) -> None:
        """dimension: D."""
        super().__init__()

    @abstractmethod
    def forward(
        self, embedding_BND: Tensor, modality_BN: Tensor, quality_BN: Tensor, live_BN: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Fused unit vectors (B, D) and each token's weight (B, N), which sum to 1 over the live tokens.

        embedding_BND: float32 unit vectors; modality_BN: int64 wire codes; quality_BN: float32 in [0, 1];
        live_BN: bool.
        """

    def learn(self, sets: TokenSets, text_KD: Tensor, temperature: Tensor) -> tuple[Tensor, Tensor]:
        """Fused embeddings (B, D) for the losses all heads share, and the head's own loss beside them, a scalar.

        text_KD: a text embedding of every label; temperature: of the shared losses, detached.
        """
        fused_BD, _ = self(sets.embedding_BTD, sets.modality_BT, sets.quality_BT, sets.live_BT)
        return fused_BD, fused_BD.new_zeros(())


def equal_weights(live_BN: Tensor) -> Tensor:
    """The same weight for every live token (B, N) float32, 0 for the others."""
    live = live_BN.float()
    return live / live.sum(dim=1, keepdim=True).clamp(min=1)


def slots(embedding_BND: Tensor, modality_BN: Tensor, live_BN: Tensor) -> tuple[Tensor, Tensor]:
    """One place for every modality (B, M, D) and which are taken (B, M) bool.

    Zeros where a modality is absent; two sources of one modality are averaged.
    """
    embedding_BND = torch.where(live_BN[..., None], embedding_BND, 0.0)
    codes_M = torch.arange(len(Modality), device=modality_BN.device)
    member_BMN = ((modality_BN[:, None, :] == codes_M[:, None]) & live_BN[:, None, :]).to(embedding_BND.dtype)
    count_BM = member_BMN.sum(dim=2)
    slot_BMD = member_BMN @ embedding_BND / count_BM.clamp(min=1)[..., None]
    return slot_BMD, count_BM > 0


def unit(vectors: Tensor) -> Tensor:
    """Vectors at length 1."""
    return functional.normalize(vectors, dim=-1)
