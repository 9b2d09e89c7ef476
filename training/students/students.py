"""The student of each modality, in three sizes; all of them plain operators every TensorRT parser takes."""

from torch import nn

from omnibind_ros.modality import Modality
from training.config import StudentSize
from training.students import convolutional, point
from training.students.convolutional import ConvolutionalStudent
from training.students.point import PointStudent
from training.students.text import TextStudent
from training.students.thermal import ThermalStudent

_PICTURE = {"nano": convolutional.NANO, "small": convolutional.SMALL, "base": convolutional.BASE}
_POINT = {"nano": point.NANO, "small": point.SMALL, "base": point.BASE}
_TEXT = {
    "nano": {"width": 64, "heads": 2, "layers": 1},
    "small": {"width": 128, "heads": 4, "layers": 1},
    "base": {"width": 192, "heads": 6, "layers": 2},
}


def make_student(modality: Modality, input_shape: tuple[int, ...], size: StudentSize = "small") -> nn.Module:
    """A fresh student for a modality's input shape (without the batch)."""
    if modality is Modality.TEXT:
        return TextStudent(**_TEXT[size])
    if modality is Modality.POINT:
        return PointStudent(_POINT[size])
    if modality is Modality.THERMAL:
        return ThermalStudent(_PICTURE[size])
    return ConvolutionalStudent(input_shape[0], _PICTURE[size])


def parameter_count(model: nn.Module) -> int:
    """How many numbers training decides."""
    return sum(parameter.numel() for parameter in model.parameters())
