"""The encoder of sentences.

Shape legend: B batch, L tokens, C channels, D embedding.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from training.config import DIMENSION

VOCABULARY = 2048
TEXT_LENGTH = 16
PADDING = 0


class TextStudent(nn.Module):
    """Token numbers (B, L) to unit vectors (B, D): embeddings, pre-norm transformer layers, mean over the words."""

    def __init__(self, width: int = 128, heads: int = 4, layers: int = 1) -> None:
        super().__init__()
        self.word = nn.Parameter(torch.randn(VOCABULARY, width))
        self.place = nn.Parameter(torch.randn(TEXT_LENGTH, width) * 0.02)
        self.layers = nn.ModuleList(_Layer(width, heads) for _ in range(layers))
        self.project = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, DIMENSION))

    def forward(self, token_BL: Tensor) -> Tensor:  # noqa: D102 said by the class
        word_BL = token_BL != PADDING
        # an empty sentence looks at its padding: attention to nothing would be NaN
        attended_BL = word_BL | ~word_BL.any(dim=1, keepdim=True)
        word_BLC = self.word.index_select(0, token_BL.flatten()).reshape(*token_BL.shape, -1)
        state_BLC = word_BLC + self.place
        for layer in self.layers:
            state_BLC = layer(state_BLC, attended_BL)
        weight_BL1 = word_BL[..., None].to(state_BLC.dtype)
        mean_BC = (state_BLC * weight_BL1).sum(dim=1) / weight_BL1.sum(dim=1).clamp(min=1)
        return functional.normalize(self.project(mean_BC), dim=-1)


class _Layer(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm_attention = nn.LayerNorm(width)
        self.query_key_value = nn.Linear(width, 3 * width)
        self.output = nn.Linear(width, width)
        self.feed_forward = nn.Sequential(
            nn.LayerNorm(width), nn.Linear(width, 2 * width), nn.ReLU(), nn.Linear(2 * width, width)
        )

    def forward(self, state_BLC: Tensor, attended_BL: Tensor) -> Tensor:
        batch, length, width = state_BLC.shape
        split = self.query_key_value(self.norm_attention(state_BLC)).reshape(batch, length, 3, self.heads, -1)
        query, key, value = split.permute(2, 0, 3, 1, 4)
        attended = functional.scaled_dot_product_attention(query, key, value, attn_mask=attended_BL[:, None, None, :])
        state_BLC = state_BLC + self.output(attended.transpose(1, 2).reshape(batch, length, width))
        changed_BLC: Tensor = state_BLC + self.feed_forward(state_BLC)
        return changed_BLC
