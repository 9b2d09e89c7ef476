"""Configurations as YAML files, and single keys of them from the command line."""

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import TypeAdapter, ValidationError

from omnibind_ros.errors import ConfigurationError
from training.config import TrainingConfig

CONFIG_FILE = "config.yaml"
SHIPPED = Path(__file__).parents[1] / "config" / "training"
_REMEDY = "correct the configuration file or --set"
_UNKNOWN = "unexpected_keyword_argument"


def load_config(path: Path, changes: Sequence[str] = ()) -> TrainingConfig:
    """The configuration of a YAML file, what it leaves out by default, with changes as in `with_changes`.

    Raises ConfigurationError, which names the key, and for an unknown one the valid ones.
    """
    try:
        content = yaml.safe_load(path.read_text())
    except FileNotFoundError as error:
        shipped = ", ".join(shipped_configs())
        raise ConfigurationError(
            "there is no such configuration file", remedy=f"give a path, or one of {shipped}", source=str(path)
        ) from error
    except yaml.YAMLError as error:
        raise ConfigurationError(f"no YAML: {error}", remedy=_REMEDY, source=str(path)) from error
    if content is not None and not isinstance(content, dict):
        raise ConfigurationError("not a mapping of sections", remedy=_REMEDY, source=str(path))
    return config_from(with_changes(content or {}, changes), source=str(path))


def shipped_path(name: str) -> Path:
    """A configuration by its path, or by the name of a shipped one."""
    return SHIPPED / f"{name}.yaml" if name in shipped_configs() else Path(name)


def shipped_configs() -> list[str]:
    """Names of the configurations in config/training/."""
    return sorted(path.stem for path in SHIPPED.glob("*.yaml"))


def with_changes(content: Mapping[str, Any], changes: Sequence[str]) -> dict[str, Any]:
    """A copy of a configuration's mapping with changes `section.key=value`, the values written as in YAML.

    Raises ConfigurationError for a change of another form.
    """
    changed = dict(content)
    for change in changes:
        key, equals, value = change.partition("=")
        if not equals or not key:
            raise ConfigurationError(f"`{change}` is no change", remedy="write it as section.key=value", source="--set")
        *sections, last = key.split(".")
        place = changed
        for section in sections:
            place[section] = dict(place[section]) if isinstance(place.get(section), Mapping) else {}
            place = place[section]
        place[last] = yaml.safe_load(value)
    return changed


def config_from(content: Mapping[str, Any], source: str) -> TrainingConfig:
    """A checked configuration. Raises ConfigurationError, see `load_config`."""
    try:
        return TypeAdapter(TrainingConfig).validate_python(content)
    except ValidationError as error:
        problems = "; ".join(_problem(detail["loc"], detail["type"], detail["msg"]) for detail in error.errors())
        raise ConfigurationError(problems, remedy=_REMEDY, source=source) from error


def save_config(config: TrainingConfig, path: Path) -> None:
    """Write every key, so that the same run can be made again whatever the defaults become."""
    content = TypeAdapter(TrainingConfig).dump_python(config, mode="json")
    path.write_text(yaml.safe_dump(content, sort_keys=False))


def _problem(location: tuple[int | str, ...], kind: str, message: str) -> str:
    key = ".".join(map(str, location))
    if kind != _UNKNOWN:
        return f"`{key}`: {message}"
    section: Any = TrainingConfig
    for part in location[:-1]:
        section = next(field.type for field in dataclasses.fields(section) if field.name == part)
    valid = ", ".join(field.name for field in dataclasses.fields(section))
    return f"unknown key `{key}`; the valid ones are {valid}"
