"""The image teacher's network: a ConvNet, or the vision transformer of CLIP, both small and trained from scratch.

Shape legend: B batch, C channels, H height, W width, F features, D embedding size.
"""

from dataclasses import dataclass
from typing import Protocol

from torch import Tensor, nn
from torch.nn import functional

from training.config import DIMENSION, ImageTower
from training.students.convolutional import ConvolutionalStudent

_WIDTHS = (32, 64, 112, 192)
_PATCH = 8
_CLIP_WIDTH = 160
_CLIP_LAYERS = 4
_CLIP_HEADS = 5


class Tower(Protocol):
    """What the recipes `mlp` and `lora` build on: a network with an output before its embedding."""

    @property
    def feature_size(self) -> int:
        """F."""

    def features(self, input_BCHW: Tensor) -> Tensor:
        """(B, F) of pictures (B, C, H, W)."""


class ClipTower(nn.Module):
    """Pictures (B, C, H, W) to unit vectors (B, D): CLIP's vision transformer, of 8×8 pixel patches."""

    def __init__(self, channels: int, side: int) -> None:
        super().__init__()
        # seconds to import, and only for this tower
        from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection  # noqa: PLC0415

        self.clip = CLIPVisionModelWithProjection(
            CLIPVisionConfig(
                num_channels=channels,
                image_size=side,
                patch_size=_PATCH,
                hidden_size=_CLIP_WIDTH,
                intermediate_size=2 * _CLIP_WIDTH,
                num_hidden_layers=_CLIP_LAYERS,
                num_attention_heads=_CLIP_HEADS,
                projection_dim=DIMENSION,
            )
        )

    @property
    def feature_size(self) -> int:
        """F."""
        return _CLIP_WIDTH

    def features(self, input_BCHW: Tensor) -> Tensor:
        """The transformer's normalised class token, (B, F)."""
        feature_BF: Tensor = self.clip.vision_model(pixel_values=input_BCHW).pooler_output
        return feature_BF

    def forward(self, input_BCHW: Tensor) -> Tensor:  # noqa: D102 said by the class
        return functional.normalize(self.clip.visual_projection(self.features(input_BCHW)), dim=-1)


@dataclass(frozen=True)
class ImageTeacher:
    """A trained tower: its kind, the shape (C, H, W) of its pictures, and the network."""

    kind: ImageTower
    picture_shape: tuple[int, ...]
    network: nn.Module


def make_image_tower(kind: ImageTower, input_shape: tuple[int, ...]) -> nn.Module:
    """A fresh image teacher, a `Tower`, for square pictures (C, H, W)."""
    channels, side, _ = input_shape
    return ClipTower(channels, side) if kind == "clip" else ConvolutionalStudent(channels, _WIDTHS)
