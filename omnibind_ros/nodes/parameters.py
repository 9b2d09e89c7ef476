"""Every parameter of the nodes, declared in one table; the tables in the documentation are made from it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from rcl_interfaces.msg import FloatingPointRange, IntegerRange, ParameterDescriptor
from rclpy.exceptions import ParameterException
from rclpy.node import Node
from rclpy.parameter import Parameter

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.fusion.source_state import LivenessSettings
from omnibind_ros.pipeline.source_settings import AudioFormat, SourceSettings, modality_named

STRING_ARRAY = Parameter.Type.STRING_ARRAY


@dataclass(frozen=True, slots=True)
class ParameterSpec:
    """One parameter: its default (or its type, where the default is an empty list), meaning with unit, and bounds."""

    name: str
    default: Any
    description: str
    bounds: tuple[float, float] | None = None
    choices: tuple[str, ...] = ()
    takes_effect: Literal["at once", "when configured", "at start"] = "when configured"


NODE_PARAMETERS = (
    ParameterSpec("bundle", "omnibind-sim", "The bundle: name of a shipped one, or path of a folder."),
    ParameterSpec("backend", "auto", "What runs the encoders.", choices=("auto", "onnxruntime")),
    ParameterSpec("threads", 1, "CPU cores one inference may use.", bounds=(1, 64)),
    ParameterSpec(
        "sources", STRING_ARRAY, "Names of the sources; each has its own parameters, `<name>.topic` and so on."
    ),
    ParameterSpec("max_rate", 10.0, "Most recognitions a second, Hz.", bounds=(0.1, 1000.0), takes_effect="at once"),
    ParameterSpec("most_labels", 5, "Most labels in one recognition.", bounds=(1, 1000)),
    ParameterSpec("always_on", False, "Recognise even while nobody subscribes to a result.", takes_effect="at once"),
    ParameterSpec(
        "autostart", True, "Configure and activate at start, without a lifecycle manager.", takes_effect="at start"
    ),
)

SOURCE_PARAMETERS = (
    ParameterSpec("modality", "", "What the sensor is: image, thermal, event, touch, audio, point or text."),
    ParameterSpec("topic", "", "Topic the sensor publishes on; it need not exist yet."),
    ParameterSpec("ttl", 0.5, "Age in seconds from which the source's data no longer counts.", bounds=(0.01, 3600.0)),
    ParameterSpec(
        "frozen_after",
        0.5,
        "Seconds of unchanged stamps or content after which the source is frozen; 0 switches the check off.",
        bounds=(0.0, 3600.0),
    ),
    ParameterSpec(
        "max_clock_offset",
        1.0,
        "Seconds the sensor's stamps may lie from this computer's clock before the source is faulty.",
        bounds=(0.001, 1e9),
    ),
    ParameterSpec("enabled", True, "Whether the source is used.", takes_effect="at once"),
    ParameterSpec("sample_rate", 16000, "Audio without this in its messages: sample rate, Hz.", bounds=(1000, 768000)),
    ParameterSpec("channels", 1, "Audio without this in its messages: number of channels.", bounds=(1, 255)),
    ParameterSpec("sample_format", "S16LE", "Audio without this in its messages: format of one sample."),
    ParameterSpec("reference", "", "Touch: picture of the sensor without contact; empty to take it from the stream."),
)


def declare(node: Node, specs: Iterable[ParameterSpec], *, prefix: str = "") -> None:
    """Declare parameters with description and bounds, but for those declared before.

    Raises ConfigurationError for a value of another type or out of bounds.
    """
    for spec in specs:
        name = prefix + spec.name
        if node.has_parameter(name):
            continue
        try:
            node.declare_parameter(name, spec.default, _descriptor(spec))
        except ParameterException as error:
            raise ConfigurationError(str(error), remedy=f"set `{name}` to {_example(spec)}") from error


def value(node: Node, name: str) -> Any:
    """A declared parameter's value; an empty list where it was not given."""
    found = node.get_parameter_or(name).value
    return [] if found is None else found


def read_source(node: Node, name: str) -> SourceSettings:
    """Declare and read the parameters of one source.

    Raises ConfigurationError for a source without a topic, with an unknown modality, or with a name or topic that ROS
    cannot have.
    """
    if not re.fullmatch("[A-Za-z][A-Za-z0-9_]*", name):
        raise ConfigurationError(
            f"{name!r} cannot be a source's name", remedy="use letters, digits and underscores only", source=name
        )
    declare(node, SOURCE_PARAMETERS, prefix=f"{name}.")

    def read(key: str) -> Any:
        return value(node, f"{name}.{key}")

    if not read("topic"):
        raise ConfigurationError("the source has no topic", remedy=f"set `{name}.topic`", source=name)
    try:
        node.resolve_topic_name(read("topic"))
    except RuntimeError as error:  # rclpy's RCLError
        raise ConfigurationError(
            f"{read('topic')!r} cannot be a topic", remedy=f"correct `{name}.topic`", source=name
        ) from error
    return SourceSettings(
        name=name,
        modality=modality_named(read("modality"), source=name),
        topic=read("topic"),
        liveness=LivenessSettings(
            ttl_s=read("ttl"), frozen_after_s=read("frozen_after"), max_clock_offset_s=read("max_clock_offset")
        ),
        enabled=read("enabled"),
        audio=AudioFormat(read("sample_rate"), read("channels"), read("sample_format")),
        touch_reference=Path(read("reference")) if read("reference") else None,
    )


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


def _example(spec: ParameterSpec) -> str:
    """What to write for a parameter, in the words of a configuration file."""
    if spec.bounds:
        return f"a number from {spec.bounds[0]} to {spec.bounds[1]}, written like {spec.default}"
    if spec.default is STRING_ARRAY:
        return "a list of names, such as [camera, microphone]"
    return "true or false" if isinstance(spec.default, bool) else "a text"
