"""The fusion head `reliable`: adaptive fusion (OmniBind, equation 8) that weighs tokens by how far it trusts them.

Shape legend: B batch, N tokens, D embedding size, A attention heads.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from omnibind_ros.modality import Modality
from training.config import DIMENSION

_HEADS = 8
_NEVER = -1e4  # large enough that exp underflows to 0, small enough for fp16
_LEAST_RELIABILITY = 1e-4


class ReliableFusion(nn.Module):
    """Any number of embeddings of any modalities to one, in whatever order they come.

    Each token gets a reliability in (0, 1) from its own embedding, its quality, and its agreement with the other live
    tokens. Attention adds the reliability's logarithm to its scores, and the final mean is weighted with it. Tokens
    that are not live are replaced by zeros before anything is computed, so that not even NaN in them counts.
    """

    def __init__(self, dimension: int = DIMENSION, hidden: int = 64) -> None:
        super().__init__()
        modalities = len(Modality)
        self.type_vector = nn.Embedding(modalities, dimension)
        nn.init.normal_(self.type_vector.weight, std=0.02)
        self.norm = nn.LayerNorm(dimension)
        self.query_key_value = nn.Linear(dimension, 3 * dimension)
        self.output = nn.Linear(dimension, dimension)
        nn.init.zeros_(self.output.weight)
        nn.init.zeros_(self.output.bias)
        self.trust_own = nn.Linear(dimension, hidden)
        self.trust_type = nn.Embedding(modalities, hidden)
        self.trust_signs = nn.Linear(4, hidden)
        self.trust = nn.Linear(hidden, 1)
        self.feature_for_agreement = nn.Linear(dimension, dimension)

    def forward(
        self, embedding_BND: Tensor, modality_BN: Tensor, quality_BN: Tensor, live_BN: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Fused unit vectors (B, D) and each token's weight (B, N), which sum to 1 over the live tokens.

        embedding_BND: float32 unit vectors; modality_BN: int64 wire codes; quality_BN: float32 in [0, 1];
        live_BN: bool. Rows without a live token give finite values without a meaning.
        """
        embedding_BND = torch.where(live_BN[..., None], embedding_BND, 0.0)
        quality_BN = torch.where(live_BN, quality_BN, 0.0)
        modality_BN = torch.where(live_BN, modality_BN, 0)
        reliability_BN = self.reliability(embedding_BND, modality_BN, quality_BN, live_BN)
        token_BND = embedding_BND + self.type_vector(modality_BN)
        token_BND = token_BND + self._attend(self.norm(token_BND), reliability_BN, live_BN)
        weight_BN = torch.where(live_BN, reliability_BN, 0.0)
        weight_BN = weight_BN / weight_BN.sum(dim=1, keepdim=True).clamp(min=_LEAST_RELIABILITY)
        fused_BD = (token_BND * weight_BN[..., None]).sum(dim=1)
        return functional.normalize(fused_BD, dim=-1), weight_BN

    def reliability(self, embedding_BND: Tensor, modality_BN: Tensor, quality_BN: Tensor, live_BN: Tensor) -> Tensor:
        """How far each token can be trusted, (B, N) in (0, 1); inputs as in `forward`, zeros where not live."""
        view_BND = functional.normalize(embedding_BND + self.feature_for_agreement(embedding_BND), dim=-1, eps=1e-6)
        other_BNN = live_BN[:, None, :] & live_BN[:, :, None]
        other_BNN = other_BNN & ~torch.eye(live_BN.shape[1], dtype=torch.bool, device=live_BN.device)
        agreement_BNN = torch.where(other_BNN, view_BND @ view_BND.transpose(1, 2), 0.0)
        others_BN = other_BNN.to(embedding_BND.dtype).sum(dim=2)
        mean_BN = agreement_BNN.sum(dim=2) / others_BN.clamp(min=1)
        best_BN = torch.where(other_BNN, agreement_BNN, -1.0).amax(dim=2)
        best_BN = torch.where(others_BN > 0, best_BN, 0.0)
        sign_BN4 = torch.stack([mean_BN, best_BN, quality_BN, 1 / (1 + others_BN)], dim=-1)
        hidden = self.trust_own(embedding_BND) + self.trust_type(modality_BN) + self.trust_signs(sign_BN4)
        trust_BN = torch.sigmoid(self.trust(functional.relu(hidden)).squeeze(-1))
        return trust_BN.clamp(min=_LEAST_RELIABILITY)

    def _attend(self, token_BND: Tensor, reliability_BN: Tensor, live_BN: Tensor) -> Tensor:
        batch, tokens, dimension = token_BND.shape
        split = self.query_key_value(token_BND).reshape(batch, tokens, 3, _HEADS, dimension // _HEADS)
        query, key, value = split.permute(2, 0, 3, 1, 4)
        score_BANN = query @ key.transpose(-2, -1) / (dimension // _HEADS) ** 0.5
        score_BANN = score_BANN + torch.log(reliability_BN)[:, None, None, :]
        score_BANN = torch.where(live_BN[:, None, None, :], score_BANN, _NEVER)
        attended = torch.softmax(score_BANN, dim=-1) @ value
        mixed: Tensor = self.output(attended.transpose(1, 2).reshape(batch, tokens, dimension))
        return mixed
