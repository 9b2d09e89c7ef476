"""The file that configures a perception node, read as ROS reads it: the same keys, defaults and bounds."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.pipeline.discovery import DiscoverRule
from omnibind_ros.pipeline.parameters import (
    NO_NAMES,
    NODE_PARAMETERS,
    RULE_PARAMETERS,
    SOURCE_PARAMETERS,
    ParameterSpec,
    check_source_name,
    chosen_modalities,
    discover_rule,
    source_settings,
)
from omnibind_ros.pipeline.source_settings import SourceSettings

NODE = "perception"
_PARAMETERS = "ros__parameters"
_Made = TypeVar("_Made")
# From a name, and what reads its parameters.
_Make = Callable[[str, Callable[[str], Any]], _Made]
_ANY = ("/**", "/*", "**", "*")


@dataclass(frozen=True, slots=True)
class Configuration:
    """The parameters of a perception node.

    node: those of the node, by name. left_out: why sources and rules were left out.
    """

    node: Mapping[str, Any]
    sources: tuple[SourceSettings, ...]
    rules: tuple[DiscoverRule, ...]
    left_out: tuple[ConfigurationError, ...]


def read_configuration(path: Path) -> Configuration:
    """The configuration in a parameter file.

    Raises ConfigurationError for a file that is none, or with a parameter of the node that is of another type or out of
    bounds. A source or rule that makes no sense is left out, as the node does.
    """
    return configuration(given_parameters(path))


def given_parameters(path: Path) -> dict[str, Any]:
    """What a parameter file gives a perception node, by full names. Raises ConfigurationError for one that is none."""
    try:
        tree = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigurationError(
            f"it cannot be read: {error}", remedy="name a file like config/perception.yaml", source=str(path)
        ) from error
    return {name: given for part in _parts(tree) for name, given in _flat(part)}


def configuration(given: Mapping[str, Any]) -> Configuration:
    """The configuration that follows from parameters by their full names, such as `camera.topic`."""
    node = {spec.name: _checked(spec, given, spec.name) for spec in NODE_PARAMETERS}
    left_out: list[ConfigurationError] = []

    def made(names: Iterable[str], specs: Sequence[ParameterSpec], make: _Make[_Made]) -> Iterator[_Made]:
        for name in filter(None, names):
            try:
                check_source_name(name)
                values = {spec.name: _checked(spec, given, f"{name}.{spec.name}") for spec in specs}
                yield make(name, values.__getitem__)
            except ConfigurationError as error:
                left_out.append(error.at(name))

    sources = tuple(made(node["sources"], SOURCE_PARAMETERS, source_settings))
    rules = tuple(made(node["discover"], RULE_PARAMETERS, discover_rule))
    chosen = chosen_modalities(node["modalities"])
    return Configuration(
        node,
        tuple(source for source in sources if source.modality in chosen),
        tuple(rule for rule in rules if rule.template.modality in chosen),
        tuple(left_out),
    )


def resolved(topic: str, namespace: str) -> str:
    """The full name of a topic that a perception node in a namespace means."""
    if topic.startswith("/"):
        return topic
    below = namespace.strip("/")
    if topic.startswith("~/"):
        below, topic = f"{below}/{NODE}", topic.removeprefix("~/")
    return "/" + f"{below}/{topic}".strip("/")


def _parts(tree: Any, path: str = "") -> Iterator[Any]:
    """The parameters of every entry of a file that is meant for the node."""
    for key, entry in tree.items() if isinstance(tree, dict) else ():
        if not isinstance(entry, dict):
            continue
        below = f"{path}/{str(key).strip('/')}"
        if _PARAMETERS in entry:
            if below in _ANY or below.endswith((f"/{NODE}", "/**", "/*")):
                yield entry[_PARAMETERS]
        else:
            yield from _parts(entry, below)


def _flat(tree: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, entry in tree.items() if isinstance(tree, dict) else ():
        if isinstance(entry, dict):
            yield from _flat(entry, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", entry


def _checked(spec: ParameterSpec, given: Mapping[str, Any], name: str) -> Any:
    """The value of a parameter; as strict as ROS, where 10 is no number with a fraction."""
    value = given.get(name, spec.default)
    if spec.default == NO_NAMES:
        right = isinstance(value, list | tuple) and all(isinstance(one, str) for one in value)
    else:
        right = type(value) is type(spec.default)
    if not right or (spec.bounds and not spec.bounds[0] <= value <= spec.bounds[1]):
        raise ConfigurationError(f"`{name}` is {value!r}", remedy=f"set it to {spec.example}")
    return value
