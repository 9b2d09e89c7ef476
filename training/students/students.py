"""The compact encoders a robot runs, all of them plain operators every TensorRT parser takes.

Shape legend: B batch, C channels, H height (or audio frames), W width (or audio bins), P points, L tokens, D embedding.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from omnibind_ros.modality import Modality
from training.config import DIMENSION

VOCABULARY = 2048
TEXT_LENGTH = 16
PADDING = 0
_LEAST_DEVIATION = 1e-3


class ConvolutionalStudent(nn.Module):
    """Image-like input (B, C, H, W) to unit vectors (B, D).

    Four stages that halve the side, each a strided convolution and a residual one; mean and maximum over all places
    are both kept, because an impact or a contact fills only a part of its window.
    """

    def __init__(self, channels: int, widths: tuple[int, int, int, int] = (24, 48, 80, 128)) -> None:
        super().__init__()
        stages: list[nn.Module] = []
        for width in widths:
            stages.append(_convolution(channels, width, stride=2))
            if width != widths[0]:
                stages.append(_Residual(width))
            channels = width
        self.stages = nn.Sequential(*stages)
        self.project = nn.Linear(2 * channels, DIMENSION)

    def forward(self, input_BCHW: Tensor) -> Tensor:  # noqa: D102 said by the class
        feature_BCHW = self.stages(input_BCHW)
        pooled_B2C = torch.cat([feature_BCHW.mean(dim=(2, 3)), feature_BCHW.amax(dim=(2, 3))], dim=1)
        return functional.normalize(self.project(pooled_B2C), dim=-1)


class ThermalStudent(nn.Module):
    """Thermal input (B, 1, H, W) to unit vectors (B, D).

    The convolutions see the temperatures as they are, and once more with mean 0 and deviation 1: a tool at room
    temperature differs from the wall by less than a hundredth of the range a kettle needs.
    """

    def __init__(self) -> None:
        super().__init__()
        self.body = ConvolutionalStudent(2)

    def forward(self, input_B1HW: Tensor) -> Tensor:  # noqa: D102 said by the class
        centred = input_B1HW - input_B1HW.mean(dim=(2, 3), keepdim=True)
        deviation = centred.square().mean(dim=(2, 3), keepdim=True).sqrt()
        embedding: Tensor = self.body(torch.cat([input_B1HW, centred / (deviation + _LEAST_DEVIATION)], dim=1))
        return embedding


class PointStudent(nn.Module):
    """Point cloud (B, P, 3) to unit vectors (B, D), whatever the order of the points (PointNet without transforms)."""

    def __init__(self) -> None:
        super().__init__()
        self.near = nn.Sequential(_pointwise(3, 48), _pointwise(48, 96))
        self.whole = nn.Sequential(_pointwise(2 * 96, 128), _pointwise(128, 192))
        self.project = nn.Sequential(nn.Linear(2 * 192, 192), nn.ReLU(), nn.Linear(192, DIMENSION))

    def forward(self, point_BP3: Tensor) -> Tensor:  # noqa: D102
        feature_BCP = self.near(point_BP3.transpose(1, 2))
        overall_BC1 = feature_BCP.amax(dim=2, keepdim=True)
        feature_BCP = self.whole(torch.cat([feature_BCP, overall_BC1.expand_as(feature_BCP)], dim=1))
        pooled_B2C = torch.cat([feature_BCP.amax(dim=2), feature_BCP.mean(dim=2)], dim=1)
        return functional.normalize(self.project(pooled_B2C), dim=-1)


class TextStudent(nn.Module):
    """Token numbers (B, L) to unit vectors (B, D): embeddings, one pre-norm transformer layer, mean over the words."""

    def __init__(self, width: int = 128, heads: int = 4) -> None:
        super().__init__()
        self.heads = heads
        self.word = nn.Parameter(torch.randn(VOCABULARY, width))
        self.place = nn.Parameter(torch.randn(TEXT_LENGTH, width) * 0.02)
        self.norm_attention = nn.LayerNorm(width)
        self.query_key_value = nn.Linear(width, 3 * width)
        self.output = nn.Linear(width, width)
        self.feed_forward = nn.Sequential(
            nn.LayerNorm(width), nn.Linear(width, 2 * width), nn.ReLU(), nn.Linear(2 * width, width)
        )
        self.project = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, DIMENSION))

    def forward(self, token_BL: Tensor) -> Tensor:  # noqa: D102
        word_BL = token_BL != PADDING
        # an empty sentence looks at its padding: attention to nothing would be NaN
        attended_BL = word_BL | ~word_BL.any(dim=1, keepdim=True)
        # not nn.Embedding: its exported name would collide with the output's, `embedding`
        word_BLC = self.word.index_select(0, token_BL.flatten()).reshape(*token_BL.shape, -1)
        state_BLC = word_BLC + self.place
        batch, length, width = state_BLC.shape
        split = self.query_key_value(self.norm_attention(state_BLC)).reshape(batch, length, 3, self.heads, -1)
        query, key, value = split.permute(2, 0, 3, 1, 4)
        attended = functional.scaled_dot_product_attention(query, key, value, attn_mask=attended_BL[:, None, None, :])
        state_BLC = state_BLC + self.output(attended.transpose(1, 2).reshape(batch, length, width))
        state_BLC = state_BLC + self.feed_forward(state_BLC)
        weight_BL1 = word_BL[..., None].to(state_BLC.dtype)
        mean_BC = (state_BLC * weight_BL1).sum(dim=1) / weight_BL1.sum(dim=1).clamp(min=1)
        return functional.normalize(self.project(mean_BC), dim=-1)


def make_student(modality: Modality, input_shape: tuple[int, ...]) -> nn.Module:
    """A fresh student for a modality's input shape (without the batch)."""
    if modality is Modality.TEXT:
        return TextStudent()
    if modality is Modality.POINT:
        return PointStudent()
    if modality is Modality.THERMAL:
        return ThermalStudent()
    return ConvolutionalStudent(input_shape[0])


def make_image_teacher(input_shape: tuple[int, ...]) -> nn.Module:
    """The image teacher: the same family as the image student, wider."""
    return ConvolutionalStudent(input_shape[0], widths=(32, 64, 112, 192))


def parameter_count(model: nn.Module) -> int:
    """How many numbers training decides."""
    return sum(parameter.numel() for parameter in model.parameters())


def _convolution(channels: int, width: int, stride: int) -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(channels, width, 3, stride=stride, padding=1, bias=False), nn.BatchNorm2d(width), nn.ReLU()
    )


def _pointwise(channels: int, width: int) -> nn.Module:
    return nn.Sequential(nn.Conv1d(channels, width, 1, bias=False), nn.BatchNorm1d(width), nn.ReLU())


class _Residual(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.change = nn.Sequential(
            nn.Conv2d(width, width, 3, padding=1, bias=False),
            nn.BatchNorm2d(width),
        )

    def forward(self, input_BCHW: Tensor) -> Tensor:
        return functional.relu(input_BCHW + self.change(input_BCHW))
