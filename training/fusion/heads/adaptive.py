"""The head `af`: adaptive fusion as in OmniBind, equation 8.

Shape legend: B batch, N tokens, D embedding size.
"""

import torch
from torch import Tensor, nn

from omnibind_ros.modality import Modality
from training.config import DIMENSION
from training.fusion.heads.attention import FeedForward, TokenAttention
from training.fusion.heads.head import FusionHead, equal_weights, unit


class AdaptiveFusion(FusionHead):
    """Embeddings plus learned vectors of their modalities, one transformer layer of eight heads, the mean.

    The layer is pre-norm with residuals, its feed-forward half included: with attention alone what a student errs in
    by itself could only be corrected by one linear map for all, and `linear` came out ahead.
    """

    def __init__(self, dimension: int = DIMENSION) -> None:
        super().__init__()
        self.type_vector = nn.Embedding(len(Modality), dimension)
        nn.init.normal_(self.type_vector.weight, std=dimension**-0.5)
        self.attention = TokenAttention(dimension)
        self.feed_forward = FeedForward(dimension)

    def forward(  # noqa: D102
        self, embedding_BND: Tensor, modality_BN: Tensor, quality_BN: Tensor, live_BN: Tensor
    ) -> tuple[Tensor, Tensor]:
        embedding_BND = torch.where(live_BN[..., None], embedding_BND, 0.0)
        token_BND = embedding_BND + self.type_vector(torch.where(live_BN, modality_BN, 0))
        token_BND = token_BND + self.attention(token_BND, live_BN)
        token_BND = token_BND + self.feed_forward(token_BND)
        weight_BN = equal_weights(live_BN)
        return unit((token_BND * weight_BN[..., None]).sum(dim=1)), weight_BN
