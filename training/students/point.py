"""The encoder of point clouds.

Shape legend: B batch, P points, C channels, D embedding.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from training.config import DIMENSION

Widths = tuple[int, int, int, int]

NANO: Widths = (24, 48, 64, 96)
SMALL: Widths = (48, 96, 128, 192)
BASE: Widths = (96, 192, 256, 384)


class PointStudent(nn.Module):
    """Point cloud (B, P, 3) to unit vectors (B, D), whatever the order of the points (PointNet without transforms).

    Points stand in the rows of a picture one pixel wide: 1×1 convolutions then need no copy of (B, P, 3).
    """

    def __init__(self, widths: Widths = SMALL) -> None:
        super().__init__()
        first, second, third, last = widths
        self.near = nn.Sequential(
            _pointwise(3, first), _normalised(first), _pointwise(first, second), _normalised(second)
        )
        # one layer of both: what a point is by itself, and what the whole cloud is
        self.own, self.overall = _pointwise(second, third), _pointwise(second, third)
        self.whole = nn.Sequential(_normalised(third), _pointwise(third, last), _normalised(last))
        self.project = nn.Sequential(nn.Linear(2 * last, last), nn.ReLU(), nn.Linear(last, DIMENSION))

    def forward(self, point_BP3: Tensor) -> Tensor:  # noqa: D102 said by the class
        feature_BCP1 = self.near(point_BP3.transpose(1, 2)[..., None])
        overall_BC11 = feature_BCP1.amax(dim=2, keepdim=True)
        feature_BCP1 = self.whole(self.own(feature_BCP1) + self.overall(overall_BC11))
        pooled_B2C = torch.cat([feature_BCP1.amax(dim=(2, 3)), feature_BCP1.mean(dim=(2, 3))], dim=1)
        return functional.normalize(self.project(pooled_B2C), dim=-1)


def _pointwise(channels: int, width: int) -> nn.Module:
    return nn.Conv2d(channels, width, 1, bias=False)


def _normalised(width: int) -> nn.Module:
    return nn.Sequential(nn.BatchNorm2d(width), nn.ReLU())
