"""The preprocessing the students are trained with: the robot's own, preset `compact`, and what a run changes in it."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any, Protocol, cast

from pydantic import BaseModel, ValidationError

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.modality import Modality
from omnibind_ros.preprocessing.registry import Settings

_PRESET = "compact"

Changes = Mapping[Modality, Mapping[str, Any]]
"""Constants of the preset that a run sets otherwise, by modality."""

# A range that follows the scene takes seconds to come back after each hot object or fault, and hides how warm a thing
# is. The limits suit radiometric cameras indoors; what is hotter saturates and keeps its outline.
_CHANGED: Changes = {Modality.THERMAL: {"limits_kelvin": (285.0, 335.0)}}


class InputSettings(Settings, Protocol):
    """What is needed of any modality's settings."""

    def model_dump(self, *, mode: str) -> dict[str, Any]:
        """All constants."""


def input_settings(modality: Modality, changes: Changes | None = None) -> InputSettings:
    """The settings a modality's students are trained with, and which its bundle carries.

    Raises ConfigurationError, which names the key, for a change that makes no sense.
    """
    module = import_module(f"omnibind_ros.preprocessing.{modality.value}")
    preset: BaseModel = module.PRESETS[_PRESET]
    constants = {**preset.model_dump(), **_CHANGED.get(modality, {}), **(changes or {}).get(modality, {})}
    try:
        return cast(InputSettings, type(preset).model_validate(constants))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(map(str, ("data.inputs", modality.value, *first["loc"])))
        raise ConfigurationError(
            f"`{key}`: {first['msg']}", remedy="correct it, or leave it out for the preset's value"
        ) from error
