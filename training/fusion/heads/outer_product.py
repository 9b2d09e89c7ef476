"""The baseline `outer_product`: every product of features of different modalities.

Shape legend: B batch, N tokens, M modalities, D embedding size, R rank.
"""

import torch
from torch import Tensor, nn

from omnibind_ros.modality import Modality
from training.config import DIMENSION
from training.fusion.heads.head import FusionHead, equal_weights, slots, unit


class OuterProductFusion(FusionHead):
    """A linear map of the outer product of all modalities, each with a 1 appended (Tensor Fusion, Zadeh et al. 2017).

    The product of seven modalities has 129^7 entries; the map is held in factors of low rank (Low-rank Multimodal
    Fusion, Liu et al. 2018), which gives the same as the product would. Of an absent modality only the 1 is left.
    """

    def __init__(self, dimension: int = DIMENSION, rank: int = 4) -> None:
        super().__init__()
        self.factor_MDR = nn.Parameter(torch.randn(len(Modality), dimension, rank * dimension) * dimension**-0.5)
        self.one_MR = nn.Parameter(torch.ones(len(Modality), rank * dimension))
        self.rank_weight_R1 = nn.Parameter(torch.randn(rank, 1) * rank**-0.5)
        self.bias_D = nn.Parameter(torch.zeros(dimension))

    def forward(  # noqa: D102
        self, embedding_BND: Tensor, modality_BN: Tensor, quality_BN: Tensor, live_BN: Tensor
    ) -> tuple[Tensor, Tensor]:
        slot_BMD, _ = slots(embedding_BND, modality_BN, live_BN)
        factor_MBR = slot_BMD.transpose(0, 1) @ self.factor_MDR + self.one_MR[:, None]
        product_BR = factor_MBR[0]
        for factor_BR in factor_MBR[1:]:
            product_BR = product_BR * factor_BR
        product_BRD = product_BR.reshape(len(slot_BMD), len(self.rank_weight_R1), -1)
        fused_BD = (product_BRD * self.rank_weight_R1).sum(dim=1) + self.bias_D
        return unit(fused_BD), equal_weights(live_BN)
