"""The parameters of `pipeline/parameters.py` as those of a ROS node."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from rcl_interfaces.msg import FloatingPointRange, IntegerRange, ParameterDescriptor
from rclpy.exceptions import ParameterException
from rclpy.node import Node
from rclpy.parameter import Parameter

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.pipeline.discovery import DiscoverRule
from omnibind_ros.pipeline.parameters import (
    NO_NAMES,
    RULE_PARAMETERS,
    SOURCE_PARAMETERS,
    ParameterSpec,
    check_source_name,
    discover_rule,
    listed,
    source_settings,
)
from omnibind_ros.pipeline.source_settings import SourceSettings

NOTHING: Mapping[str, Any] = MappingProxyType({})


def declare(node: Node, specs: Iterable[ParameterSpec], *, prefix: str = "") -> None:
    """Declare parameters with description and bounds, but for those declared before.

    Raises ConfigurationError for a value of another type or out of bounds.
    """
    for spec in specs:
        name = prefix + spec.name
        if node.has_parameter(name):
            continue
        # rclpy takes an empty list for an array of bytes.
        default = Parameter.Type.STRING_ARRAY if spec.default == NO_NAMES else spec.default
        try:
            node.declare_parameter(name, default, _descriptor(spec))
        except ParameterException as error:
            raise ConfigurationError(str(error), remedy=f"set `{name}` to {spec.example}") from error


def value(node: Node, name: str) -> Any:
    """A declared parameter's value; an empty list where it was not given."""
    found = node.get_parameter_or(name).value
    return listed(found) if found is None or isinstance(found, list) else found


def read_source(node: Node, name: str, proposed: Mapping[str, Any] = NOTHING) -> SourceSettings:
    """Declare and read the parameters of one source; `proposed` values count instead of those that are set.

    Raises ConfigurationError for a source without a topic, with an unknown modality, or with a name or topic that ROS
    cannot have.
    """
    check_source_name(name)
    declare(node, SOURCE_PARAMETERS, prefix=f"{name}.")
    settings = source_settings(name, _reader(node, name, proposed))
    for key, topic in (("topic", settings.topic), ("info_topic", settings.audio.info_topic)):
        try:
            node.resolve_topic_name(topic or settings.topic)
        except RuntimeError as error:  # rclpy's RCLError
            raise ConfigurationError(
                f"{topic!r} cannot be a topic", remedy=f"correct `{name}.{key}`", source=name
            ) from error
    return settings


def read_rule(node: Node, name: str, proposed: Mapping[str, Any] = NOTHING) -> DiscoverRule:
    """Declare and read the parameters of one `discover` rule, as `read_source` does; its topic gets the namespace."""
    check_source_name(name)
    declare(node, RULE_PARAMETERS, prefix=f"{name}.")
    rule = discover_rule(name, _reader(node, name, proposed))
    absolute = rule.topic if rule.topic.startswith("/") else f"{node.get_namespace().rstrip('/')}/{rule.topic}"
    return replace(rule, topic=absolute)


def _reader(node: Node, prefix: str, proposed: Mapping[str, Any]) -> Callable[[str], Any]:
    def read(key: str) -> Any:
        name = f"{prefix}.{key}"
        return proposed[name] if name in proposed else value(node, name)

    return read


def _descriptor(spec: ParameterSpec) -> ParameterDescriptor:
    constraints = [f"takes effect {spec.takes_effect}"]
    if spec.choices:
        constraints.append(f"one of {', '.join(spec.choices)}")
    descriptor = ParameterDescriptor(
        description=spec.description,
        additional_constraints="; ".join(constraints),
        read_only=spec.takes_effect == "at start",
    )
    if spec.bounds and isinstance(spec.default, int):
        lowest, highest = map(int, spec.bounds)
        descriptor.integer_range = [IntegerRange(from_value=lowest, to_value=highest, step=0)]
    elif spec.bounds:
        low, high = spec.bounds
        descriptor.floating_point_range = [FloatingPointRange(from_value=low, to_value=high, step=0.0)]
    return descriptor
