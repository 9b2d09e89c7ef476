"""The baseline `linear`: the modalities side by side through one linear layer.

Shape legend: B batch, N tokens, M modalities, D embedding size.
"""

from torch import Tensor, nn

from omnibind_ros.modality import Modality
from training.config import DIMENSION
from training.fusion.heads.head import FusionHead, equal_weights, slots, unit


class LinearFusion(FusionHead):
    """Concatenation in the order of the modalities' codes, zeros where one is absent, and one linear layer."""

    def __init__(self, dimension: int = DIMENSION) -> None:
        super().__init__()
        self.project = nn.Linear(len(Modality) * dimension, dimension)

    def forward(  # noqa: D102
        self, embedding_BND: Tensor, modality_BN: Tensor, quality_BN: Tensor, live_BN: Tensor
    ) -> tuple[Tensor, Tensor]:
        slot_BMD, _ = slots(embedding_BND, modality_BN, live_BN)
        return unit(self.project(slot_BMD.flatten(1))), equal_weights(live_BN)
