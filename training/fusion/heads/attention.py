"""The two halves of a pre-norm transformer layer, for the tokens of a set.

Shape legend: B batch, N tokens, D embedding size, A attention heads.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

_HEADS = 8
_NEVER = -1e4  # large enough that exp underflows to 0, small enough for fp16


class TokenAttention(nn.Module):
    """One pre-norm layer of multi-head self-attention without the residual; it starts by adding nothing."""

    def __init__(self, dimension: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(dimension)
        self.query_key_value = nn.Linear(dimension, 3 * dimension)
        self.output = nn.Linear(dimension, dimension)
        nn.init.zeros_(self.output.weight)
        nn.init.zeros_(self.output.bias)

    def forward(self, token_BND: Tensor, live_BN: Tensor, favour_BN: Tensor | None = None) -> Tensor:
        """What each token takes from the live ones, (B, N, D); favour_BN: added to the scores of the tokens read."""
        batch, tokens, dimension = token_BND.shape
        split = self.query_key_value(self.norm(token_BND)).reshape(batch, tokens, 3, _HEADS, dimension // _HEADS)
        query_BANd, key_BANd, value_BANd = split.transpose(1, 3).unbind(dim=2)
        favour_BN = torch.zeros_like(token_BND[..., 0]) if favour_BN is None else favour_BN
        bias_BN = torch.where(live_BN, favour_BN, _NEVER)
        score_BANN = query_BANd @ key_BANd.transpose(2, 3) * (dimension // _HEADS) ** -0.5 + bias_BN[:, None, None]
        read_BNAd = (torch.softmax(score_BANN, dim=-1) @ value_BANd).transpose(1, 2)
        taken: Tensor = self.output(read_BNAd.reshape(batch, tokens, dimension))
        return taken


class FeedForward(nn.Module):
    """Two layers a token without the residual; it starts by adding nothing."""

    def __init__(self, dimension: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(dimension)
        self.widen = nn.Linear(dimension, 2 * dimension)
        self.narrow = nn.Linear(2 * dimension, dimension)
        nn.init.zeros_(self.narrow.weight)
        nn.init.zeros_(self.narrow.bias)

    def forward(self, token_BND: Tensor) -> Tensor:
        """What is added to each token, (B, N, D)."""
        added: Tensor = self.narrow(self._wide(token_BND))
        return added

    def mean(self, token_BND: Tensor, weight_BN: Tensor) -> Tensor:
        """The mean of what is added to the tokens with weights that sum to 1, (B, D), for hardly more than one token's.

        The second layer is linear: the mean can be taken before it.
        """
        added: Tensor = self.narrow((weight_BN[:, None] @ self._wide(token_BND)).squeeze(1))
        return added

    def _wide(self, token_BND: Tensor) -> Tensor:
        return functional.relu(self.widen(self.norm(token_BND)))
