"""The baseline `mean`: nothing is learned.

Shape legend: B batch, N tokens, D embedding size.
"""

import torch
from torch import Tensor

from training.fusion.heads.head import FusionHead, equal_weights, unit


class MeanFusion(FusionHead):
    """The normalised mean of the live embeddings."""

    def forward(  # noqa: D102
        self, embedding_BND: Tensor, modality_BN: Tensor, quality_BN: Tensor, live_BN: Tensor
    ) -> tuple[Tensor, Tensor]:
        weight_BN = equal_weights(live_BN)
        embedding_BND = torch.where(live_BN[..., None], embedding_BND, 0.0)
        return unit((embedding_BND * weight_BN[..., None]).sum(dim=1)), weight_BN
