"""Encoders of everything that looks like a picture: images, touch, events, spectrograms.

Shape legend: B batch, C channels, H height (or audio frames), W width (or audio bins), F features, D embedding.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from training.config import DIMENSION

Widths = tuple[int, int, int, int]

NANO: Widths = (12, 24, 40, 64)
SMALL: Widths = (24, 48, 80, 128)
BASE: Widths = (40, 80, 144, 224)


class ConvolutionalStudent(nn.Module):
    """Image-like input (B, C, H, W) to unit vectors (B, D).

    Four stages that halve the side, each a strided convolution and a residual one; mean and maximum over all places
    are both kept, because an impact or a contact fills only a part of its window.
    """

    def __init__(self, channels: int, widths: Widths = SMALL) -> None:
        super().__init__()
        stages: list[nn.Module] = []
        for width in widths:
            stages.append(_convolution(channels, width))
            if width != widths[0]:
                stages.append(_Residual(width))
            channels = width
        self.stages = nn.Sequential(*stages)
        self.project = nn.Linear(2 * channels, DIMENSION)

    @property
    def feature_size(self) -> int:
        """F."""
        return self.project.in_features

    def features(self, input_BCHW: Tensor) -> Tensor:
        """What the stages found, (B, F), before it is projected to an embedding."""
        feature_BCHW = self.stages(input_BCHW)
        return torch.cat([feature_BCHW.mean(dim=(2, 3)), feature_BCHW.amax(dim=(2, 3))], dim=1)

    def forward(self, input_BCHW: Tensor) -> Tensor:  # noqa: D102 said by the class
        return functional.normalize(self.project(self.features(input_BCHW)), dim=-1)


def _convolution(channels: int, width: int) -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(channels, width, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(width), nn.ReLU()
    )


class _Residual(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.change = nn.Sequential(
            nn.Conv2d(width, width, 3, padding=1, bias=False),
            nn.BatchNorm2d(width),
        )

    def forward(self, input_BCHW: Tensor) -> Tensor:
        return functional.relu(input_BCHW + self.change(input_BCHW))
