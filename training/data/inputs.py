"""The preprocessing the students are trained with: the robot's own, preset `compact`."""

from importlib import import_module
from typing import Any, Protocol, cast

from pydantic import BaseModel

from omnibind_ros.modality import Modality
from omnibind_ros.preprocessing.registry import Settings

_PRESET = "compact"

# A range that follows the scene takes seconds to come back after each hot object or fault, and hides how warm a thing
# is. The limits suit radiometric cameras indoors; what is hotter saturates and keeps its outline.
_CHANGED: dict[Modality, dict[str, Any]] = {Modality.THERMAL: {"limits_kelvin": (285.0, 335.0)}}


class InputSettings(Settings, Protocol):
    """What is needed of any modality's settings."""

    def model_dump(self, *, mode: str) -> dict[str, Any]:
        """All constants."""


def input_settings(modality: Modality) -> InputSettings:
    """The settings a modality's students are trained with, and which its bundle carries."""
    module = import_module(f"omnibind_ros.preprocessing.{modality.value}")
    preset: BaseModel = module.PRESETS[_PRESET]
    constants = {**preset.model_dump(), **_CHANGED.get(modality, {})}
    return cast(InputSettings, type(preset).model_validate(constants))
