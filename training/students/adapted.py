"""The students of the recipes `mlp` and `lora`: a frozen backbone that learned from pictures, adapted to a sensor.

Shape legend: B batch, C channels, H height, W width, F features, D embedding size.
"""

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional
from typing_extensions import Self

from training.config import DIMENSION

_HIDDEN = 256


class AdaptedStudent(nn.Module):
    """Image-like input (B, C, H, W) to unit vectors (B, D): a learned mix of the channels, the backbone, an MLP.

    backbone: any network from pictures (B, 3, side, side) to features (B, F). It stays in evaluation mode and none of
    its own parameters learn.
    """

    def __init__(self, backbone: nn.Module, *, feature_size: int, channels: int, side: int) -> None:
        super().__init__()
        self.side = side
        self.picture = nn.Sequential(_channel_mix(channels), nn.BatchNorm2d(3))
        self.backbone = backbone.requires_grad_(False)
        self.head = nn.Sequential(nn.Linear(feature_size, _HIDDEN), nn.ReLU(), nn.Linear(_HIDDEN, DIMENSION))

    def forward(self, input_BCHW: Tensor) -> Tensor:  # noqa: D102 said by the class
        picture_B3HW = self.picture(input_BCHW)
        if picture_B3HW.shape[2:] != (self.side, self.side):
            picture_B3HW = functional.interpolate(picture_B3HW, size=(self.side, self.side), mode="bilinear")
        return functional.normalize(self.head(self.backbone(picture_B3HW)), dim=-1)

    def train(self, mode: bool = True) -> Self:
        """The backbone's batch statistics stay those of the pictures it learned from."""
        super().train(mode)
        self.backbone.eval()
        return self


class FeaturesOf(nn.Module):
    """A teacher's tower as a backbone: its features instead of its embeddings."""

    def __init__(self, tower: nn.Module) -> None:
        super().__init__()
        self.tower = tower

    def forward(self, picture_B3HW: Tensor) -> Tensor:  # noqa: D102 said by the class
        features: Tensor = self.tower.features(picture_B3HW)  # type: ignore[operator]
        return features


def add_adapters(student: AdaptedStudent, *, rank: int, alpha: int) -> None:
    """Put low-rank adapters (LoRA, Hu et al., 2021) beside every convolution and linear layer of the backbone."""
    from peft import LoraConfig, get_peft_model  # noqa: PLC0415 seconds to import, and only for this recipe

    targets = [name for name, part in student.backbone.named_modules() if isinstance(part, nn.Conv2d | nn.Linear)]
    config = LoraConfig(r=rank, lora_alpha=alpha, target_modules=targets)
    student.backbone = cast(nn.Module, get_peft_model(student.backbone, config))
    student.backbone.eval()


def merge_adapters(student: AdaptedStudent) -> None:
    """Add the adapters' products to the layers' weights and drop them: the same answers from the plain backbone."""
    student.backbone = student.backbone.merge_and_unload().requires_grad_(False)  # type: ignore[operator]


@torch.no_grad()
def _channel_mix(channels: int) -> nn.Conv2d:
    """A 1×1 convolution to three channels that starts as means of neighbouring channels; one channel goes to all."""
    mix = nn.Conv2d(channels, 3, 1, bias=False)
    place_C = torch.arange(channels) * 3 // channels
    groups_3C = (place_C[None, :] == torch.arange(3)[:, None]).float() if channels >= 3 else torch.ones(3, channels)
    mix.weight.copy_((groups_3C / groups_3C.sum(dim=1, keepdim=True))[:, :, None, None])
    return mix
