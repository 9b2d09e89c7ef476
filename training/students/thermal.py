"""The encoder of thermal images.

Shape legend: B batch, H height, W width, D embedding.
"""

import torch
from torch import Tensor, nn

from training.students.convolutional import SMALL, ConvolutionalStudent, Widths

_LEAST_DEVIATION = 1e-3


class ThermalStudent(nn.Module):
    """Thermal input (B, 1, H, W) to unit vectors (B, D).

    The convolutions see the temperatures as they are, and once more with mean 0 and deviation 1: a tool at room
    temperature differs from the wall by less than a hundredth of the range a kettle needs.
    """

    def __init__(self, widths: Widths = SMALL) -> None:
        super().__init__()
        self.body = ConvolutionalStudent(2, widths)

    def forward(self, input_B1HW: Tensor) -> Tensor:  # noqa: D102 said by the class
        centred = input_B1HW - input_B1HW.mean(dim=(2, 3), keepdim=True)
        deviation = centred.square().mean(dim=(2, 3), keepdim=True).sqrt()
        embedding: Tensor = self.body(torch.cat([input_B1HW, centred / (deviation + _LEAST_DEVIATION)], dim=1))
        return embedding
