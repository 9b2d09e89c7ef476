"""The head `reliable`: adaptive fusion (OmniBind, equation 8) that weighs tokens by how far it trusts them.

Shape legend: B batch, N tokens, D embedding size, A views in which tokens are compared, H hidden features.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from omnibind_ros.modality import Modality
from training.config import DIMENSION
from training.fusion.heads.attention import FeedForward, TokenAttention
from training.fusion.heads.head import FusionHead, unit
from training.fusion.token_sets import TokenSets

_NEVER = -1e4
_VIEWS = 8


class ReliableFusion(FusionHead):
    """Each token gets a reliability in (0, 1) from itself, its quality, and how it agrees with the other live tokens.

    Attention adds the reliability's logarithm to its scores, and the final mean is weighted with the reliability.
    Agreement is judged pair by pair, since how alike two embeddings of one thing are depends on their modalities; then
    once more, where those that seemed unreliable have less of a say.
    """

    learns_from_corruption = True

    def __init__(self, dimension: int = DIMENSION, hidden: int = 64, pair: int = 24) -> None:
        super().__init__()
        modalities = len(Modality)
        self.type_vector = nn.Embedding(modalities, dimension)
        nn.init.normal_(self.type_vector.weight, std=dimension**-0.5)
        self.attention = TokenAttention(dimension)
        self.feed_forward = FeedForward(dimension)
        self.view = nn.Linear(dimension, dimension)
        self.pair = nn.Linear(_VIEWS + 1, pair)
        self.pair_own_type = nn.Embedding(modalities, pair)
        self.pair_other_type = nn.Embedding(modalities, pair)
        self.own = nn.Linear(dimension, hidden)
        self.own_type = nn.Embedding(modalities, hidden)
        self.signs = nn.Linear(2, hidden)
        self.first_evidence = nn.Linear(2 * pair, hidden)
        self.first_trust = nn.Linear(hidden, 1)
        self.second_evidence = nn.Linear(2 * pair, hidden)
        self.trust = nn.Linear(hidden, 1)

    def forward(  # noqa: D102
        self, embedding_BND: Tensor, modality_BN: Tensor, quality_BN: Tensor, live_BN: Tensor
    ) -> tuple[Tensor, Tensor]:
        fused_BD, weight_BN, _ = self._fuse(embedding_BND, modality_BN, quality_BN, live_BN)
        return fused_BD, weight_BN

    def learn(self, sets: TokenSets, text_KD: Tensor, temperature: Tensor) -> tuple[Tensor, Tensor]:
        """Beside the shared losses: the cross-entropy of both reliabilities to which tokens are sound."""
        fused_BD, _, doubts = self._fuse(sets.embedding_BTD, sets.modality_BT, sets.quality_BT, sets.live_BT)
        several_BT = sets.live_BT & (sets.live_BT.sum(dim=1, keepdim=True) > 1)
        sound = (~sets.corrupted_BT).to(fused_BD.dtype)[several_BT]
        losses = [functional.binary_cross_entropy_with_logits(logit_BT[several_BT], sound) for logit_BT in doubts]
        return fused_BD, losses[0] * 0.5 + losses[1]

    def _fuse(
        self, embedding_BND: Tensor, modality_BN: Tensor, quality_BN: Tensor, live_BN: Tensor
    ) -> tuple[Tensor, Tensor, tuple[Tensor, Tensor]]:
        embedding_BND = torch.where(live_BN[..., None], embedding_BND, 0.0)
        quality_BN = torch.where(live_BN, quality_BN, 0.0)
        modality_BN = torch.where(live_BN, modality_BN, 0)
        other_BNN = live_BN[:, None, :] & live_BN[:, :, None]
        other_BNN = other_BNN & ~torch.eye(live_BN.shape[1], dtype=torch.bool, device=live_BN.device)
        all_BNN = torch.where(other_BNN, 0.0, _NEVER).to(embedding_BND.dtype)
        pair_BNNH = self._compare(embedding_BND, modality_BN, all_BNN)
        others_BN = other_BNN.to(embedding_BND.dtype).sum(dim=2)
        sign_BN2 = torch.stack([quality_BN, 1 / (1 + others_BN)], dim=-1)
        own_BNH = self.own(embedding_BND) + self.own_type(modality_BN) + self.signs(sign_BN2)
        first_BNH = functional.relu(own_BNH + self.first_evidence(_evidence(pair_BNNH, all_BNN)))
        first_BN = self.first_trust(first_BNH).squeeze(-1)
        heard_BNN = all_BNN + functional.logsigmoid(first_BN)[:, None, :]
        second_BNH = functional.relu(own_BNH + self.second_evidence(_evidence(pair_BNNH, heard_BNN)))
        trust_BN = self.trust(second_BNH).squeeze(-1)
        reliability_BN = functional.logsigmoid(trust_BN)
        token_BND = embedding_BND + self.type_vector(modality_BN)
        token_BND = token_BND + self.attention(token_BND, live_BN, reliability_BN)
        weight_BN = torch.softmax(torch.where(live_BN, reliability_BN, _NEVER), dim=1)
        weight_BN = weight_BN * live_BN.to(weight_BN.dtype)
        fused_BD = (weight_BN[:, None] @ token_BND).squeeze(1) + self.feed_forward.mean(token_BND, weight_BN)
        return unit(fused_BD), weight_BN, (first_BN, trust_BN)

    def _compare(self, embedding_BND: Tensor, modality_BN: Tensor, all_BNN: Tensor) -> Tensor:
        """Features of every pair of two different live tokens (B, N, N, H); zeros for other pairs."""
        batch, tokens, dimension = embedding_BND.shape
        view_BND = embedding_BND + self.view(embedding_BND)
        view_BANd = view_BND.reshape(batch, tokens, _VIEWS, dimension // _VIEWS).transpose(1, 2)
        view_BANd = view_BANd / torch.linalg.vector_norm(view_BANd, dim=-1, keepdim=True).clamp(min=1e-6)
        alike_BANN = view_BANd @ view_BANd.transpose(2, 3)
        whole_BNN = embedding_BND @ embedding_BND.transpose(1, 2)
        # What is no pair is far below zero before the rectifier: cheaper than to mask the features behind it.
        sign_BANN = torch.cat([alike_BANN, whole_BNN[:, None], all_BNN[:, None]], dim=1)
        weight_HA = torch.cat([self.pair.weight, torch.ones_like(self.pair.weight[:, :1])], dim=1)
        type_MMH = self.pair_own_type.weight[:, None] + self.pair_other_type.weight + self.pair.bias
        types_BNN = modality_BN[:, :, None] * len(Modality) + modality_BN[:, None]
        type_BNNH = functional.embedding(types_BNN, type_MMH.flatten(0, 1))
        return functional.relu(functional.linear(sign_BANN.permute(0, 2, 3, 1), weight_HA) + type_BNNH)


def _evidence(pair_BNNH: Tensor, heard_BNN: Tensor) -> Tensor:
    """Mean of the pairs' features weighted with exp(heard), beside their maximum, (B, N, 2 H); zeros where alone."""
    mean_BNH = (torch.softmax(heard_BNN, dim=2)[:, :, None, :] @ pair_BNNH).squeeze(2)
    return torch.cat([mean_BNH, pair_BNNH.amax(dim=2)], dim=-1)
