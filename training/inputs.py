"""The preprocessing every student is trained with: the robot's own, preset `compact`."""

from importlib import import_module
from typing import Any, Protocol, cast

from omnibind_ros.modality import Modality
from omnibind_ros.preprocessing.registry import Settings

PRESET = "compact"


class InputSettings(Settings, Protocol):
    """What is needed of any modality's settings."""

    def model_dump(self, *, mode: str) -> dict[str, Any]:
        """All constants."""


def input_settings(modality: Modality) -> InputSettings:
    """The settings a modality's students are trained with."""
    module = import_module(f"omnibind_ros.preprocessing.{modality.value}")
    return cast(InputSettings, module.PRESETS[PRESET])
