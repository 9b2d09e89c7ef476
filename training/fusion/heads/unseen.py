"""The baseline `unseen`: Learning Unseen Modality Interaction (Zhang, Doughty and Snoek, NeurIPS 2023).

Shape legend: B batch, N tokens, M modalities, D embedding size, K labels.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from omnibind_ros.modality import Modality
from training.config import DIMENSION
from training.fusion.heads.head import FusionHead, equal_weights, slots, unit
from training.fusion.token_sets import TokenSets


class UnseenFusion(FusionHead):
    """Each modality's features go to one common space, are summed there, and two branches read the sum.

    The first branch learns from labels, the second from pseudo-labels: what the single modalities predict on their own,
    whose certainty tells how reliable they are. The prediction is the mean of both.

    Simplified: a modality gives one vector here, so that the paper's reorganisation of many feature vectors becomes one
    learned map a modality, and a residual two-layer network takes the place of the transformer over them; pseudo-labels
    are the frozen students' softmax over the labels, where the paper averages a classifier's over its epochs; the
    alignment to learned class tokens is left out, as the students' common text space gives it.
    """

    def __init__(self, dimension: int = DIMENSION) -> None:
        super().__init__()
        modalities = len(Modality)
        self.norm = nn.LayerNorm(dimension)
        self.project_MDD = nn.Parameter(torch.eye(dimension).repeat(modalities, 1, 1))
        self.offset_MD = nn.Parameter(torch.zeros(modalities, dimension))
        self.interact = nn.Sequential(
            nn.LayerNorm(dimension), nn.Linear(dimension, 2 * dimension), nn.ReLU(), nn.Linear(2 * dimension, dimension)
        )
        self.supervised = nn.Linear(dimension, dimension)
        self.pseudo = nn.Linear(dimension, dimension)

    def forward(  # noqa: D102
        self, embedding_BND: Tensor, modality_BN: Tensor, quality_BN: Tensor, live_BN: Tensor
    ) -> tuple[Tensor, Tensor]:
        supervised_BD, pseudo_BD = self._branches(embedding_BND, modality_BN, live_BN)
        return unit(supervised_BD + pseudo_BD), equal_weights(live_BN)

    def learn(self, sets: TokenSets, text_KD: Tensor, temperature: Tensor) -> tuple[Tensor, Tensor]:
        """The shared losses teach the first branch, the cross-entropy to the pseudo-labels the second."""
        supervised_BD, pseudo_BD = self._branches(sets.embedding_BTD, sets.modality_BT, sets.live_BT)
        own_BTK = torch.softmax(sets.embedding_BTD @ text_KD.T / temperature, dim=-1)
        label_BK = (own_BTK * equal_weights(sets.live_BT)[..., None]).sum(dim=1)
        return supervised_BD, functional.cross_entropy(pseudo_BD @ text_KD.T / temperature, label_BK)

    def _branches(self, embedding_BND: Tensor, modality_BN: Tensor, live_BN: Tensor) -> tuple[Tensor, Tensor]:
        slot_BMD, there_BM = slots(embedding_BND, modality_BN, live_BN)
        common_MBD = self.norm(slot_BMD).transpose(0, 1) @ self.project_MDD + self.offset_MD[:, None]
        sum_BD = (common_MBD * there_BM.T[..., None].to(common_MBD.dtype)).sum(dim=0)
        state_BD = sum_BD + self.interact(sum_BD)
        return unit(self.supervised(state_BD)), unit(self.pseudo(state_BD))
