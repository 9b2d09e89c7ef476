"""Which settings and which preprocessor belong to a modality: the one place that knows all of them."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any, Protocol, cast

from pydantic import BaseModel, ValidationError

from omnibind_ros.errors import BundleError
from omnibind_ros.modality import Modality
from omnibind_ros.preprocessing.model_input import Preprocessor


class Settings(Protocol):
    """What the settings of every modality have in common."""

    name: str

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Shape of one model input, without the batch."""


# Modules are imported when their modality is first needed: a robot without LiDAR does not wait for SciPy.
_MODULES = {
    Modality.IMAGE: ("image", "Image"),
    Modality.TEXT: ("text", "Text"),
    Modality.THERMAL: ("thermal", "Thermal"),
    Modality.EVENT: ("event", "Event"),
    Modality.TOUCH: ("touch", "Touch"),
    Modality.AUDIO: ("audio", "Audio"),
    Modality.POINT: ("point", "Point"),
}


def settings_from(modality: Modality, constants: Mapping[str, Any]) -> Settings:
    """Settings of a modality from a bundle's `preprocessing` section. Raises BundleError that names the key."""
    settings_class = cast(type[BaseModel], _attribute(modality, "Settings"))
    try:
        return cast(Settings, settings_class.model_validate(dict(constants)))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(str(part) for part in first["loc"])
        raise BundleError(
            f"preprocessing of {modality}: `{key}`: {first['msg']}",
            remedy="export the bundle again with `python -m training bundle` of this version of omnibind_ros",
        ) from error


def make_preprocessor(modality: Modality, settings: Settings, **resources: Any) -> Preprocessor[Any]:
    """A fresh preprocessor for one source. `resources`: what the settings alone cannot hold (text: `tokenizer`)."""
    preprocessor_class = cast(Any, _attribute(modality, "Preprocessor"))
    return cast(Preprocessor[Any], preprocessor_class(settings, **resources))


def _attribute(modality: Modality, suffix: str) -> object:
    module_name, prefix = _MODULES[modality]
    return getattr(import_module(f"omnibind_ros.preprocessing.{module_name}"), prefix + suffix)
