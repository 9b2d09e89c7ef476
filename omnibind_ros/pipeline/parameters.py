"""Every parameter of the nodes that recognise, in tables; the tables in the documentation are made from it.

Without ROS: replay reads the same configuration.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.fusion.source_state import LivenessSettings
from omnibind_ros.inference.engines.library import BACKENDS
from omnibind_ros.inference.precision import GPU_PRECISIONS
from omnibind_ros.modality import Modality
from omnibind_ros.pipeline.discovery import DiscoverRule
from omnibind_ros.pipeline.source_settings import MESSAGE_TYPES, AudioFormat, SourceSettings, modality_named

# The default of a parameter that is a list of names.
NO_NAMES: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ParameterSpec:
    """One parameter: its default, meaning and bounds. unit: of its value, as SI writes it; empty for none."""

    name: str
    default: Any
    description: str
    bounds: tuple[float, float] | None = None
    choices: tuple[str, ...] = ()
    takes_effect: Literal["at once", "when configured", "at start"] = "when configured"
    unit: str = ""

    @property
    def example(self) -> str:
        """What to write for it, in the words of a configuration file."""
        if self.bounds:
            return f"a number from {self.bounds[0]} to {self.bounds[1]}, written like {self.default}"
        if self.default == NO_NAMES:
            return "a list of names, such as [camera, microphone]"
        return "true or false" if isinstance(self.default, bool) else "a text"


COMMON_PARAMETERS = (
    ParameterSpec(
        "bundle", "omnibind-sim", "The bundle: name of a shipped one, or path of a folder.", takes_effect="at once"
    ),
    ParameterSpec(
        "backend",
        "auto",
        "What runs the networks; auto is TensorRT where it and a GPU are there, else ONNX Runtime.",
        choices=BACKENDS,
    ),
    ParameterSpec(
        "precision",
        "auto",
        "Precision of the encoders, where the bundle has it; auto is fp16 with TensorRT, else fp32.",
        choices=tuple(GPU_PRECISIONS),
    ),
    ParameterSpec("threads", 1, "CPU cores one inference may use.", bounds=(1, 64), unit="cores"),
    ParameterSpec(
        "modalities", NO_NAMES, "Use only sources of these modalities; empty for all.", takes_effect="at once"
    ),
    ParameterSpec("always_on", False, "Work even while nobody subscribes to a result.", takes_effect="at once"),
    ParameterSpec(
        "autostart", True, "Configure and activate at start, without a lifecycle manager.", takes_effect="at start"
    ),
)
ENCODING_PARAMETERS = (
    ParameterSpec(
        "sources",
        NO_NAMES,
        "Names of the sources; each has its own parameters, `<name>.topic` and so on.",
        takes_effect="at once",
    ),
    ParameterSpec(
        "discover",
        NO_NAMES,
        "Names of rules by which topics nobody configured become sources, `<rule>.topic` and so on.",
        takes_effect="at once",
    ),
    ParameterSpec(
        "encoder_idle",
        60.0,
        "Seconds after which an encoder that nothing uses is unloaded; 0 keeps it.",
        bounds=(0.0, 86400.0),
        takes_effect="at once",
        unit="s",
    ),
)
RECOGNITION_PARAMETERS = (
    ParameterSpec(
        "max_rate",
        10.0,
        "Most recognitions a second, Hz; frames in between are not encoded.",
        bounds=(0.1, 1000.0),
        takes_effect="at once",
        unit="Hz",
    ),
    ParameterSpec("most_labels", 5, "Most labels in one recognition.", bounds=(1, 1000)),
    ParameterSpec("labels", NO_NAMES, "What to tell apart; empty for the bundle's own labels.", takes_effect="at once"),
)

# Of `perception`, `encoder` and `fusion`.
NODE_PARAMETERS = (*COMMON_PARAMETERS, *ENCODING_PARAMETERS, *RECOGNITION_PARAMETERS)
ENCODER_PARAMETERS = (*COMMON_PARAMETERS, *ENCODING_PARAMETERS)
FUSION_PARAMETERS = (
    *COMMON_PARAMETERS,
    *RECOGNITION_PARAMETERS,
    ParameterSpec(
        "follow", NO_NAMES, "Sources to fuse; empty for all whose embeddings are published.", takes_effect="at once"
    ),
    ParameterSpec(
        "ttl",
        0.5,
        "Age in seconds from which an embedding no longer counts, where its encoder does not tell.",
        bounds=(0.01, 3600.0),
        takes_effect="at once",
        unit="s",
    ),
)

SOURCE_PARAMETERS = (
    ParameterSpec(
        "modality",
        "",
        "What the sensor is: image, thermal, event, touch, audio, point or text.",
        choices=tuple(map(str, Modality)),
        takes_effect="at once",
    ),
    ParameterSpec("topic", "", "Topic the sensor publishes on; it need not exist yet.", takes_effect="at once"),
    ParameterSpec(
        "ttl",
        0.5,
        "Age in seconds from which the source's data no longer counts.",
        bounds=(0.01, 3600.0),
        takes_effect="at once",
        unit="s",
    ),
    ParameterSpec(
        "frozen_after",
        0.5,
        "Seconds of unchanged stamps or content after which the source is frozen; 0 switches the check off.",
        bounds=(0.0, 3600.0),
        takes_effect="at once",
        unit="s",
    ),
    ParameterSpec(
        "max_clock_offset",
        1.0,
        "Seconds the sensor's stamps may lie from this computer's clock before the source is faulty.",
        bounds=(0.001, 1e9),
        takes_effect="at once",
        unit="s",
    ),
    ParameterSpec("enabled", True, "Whether the source is used.", takes_effect="at once"),
    ParameterSpec(
        "sample_rate",
        16000,
        "Audio without this in its messages: sample rate, Hz.",
        bounds=(1000, 768000),
        takes_effect="at once",
        unit="Hz",
    ),
    ParameterSpec(
        "channels",
        1,
        "Audio without this in its messages: number of channels.",
        bounds=(1, 255),
        takes_effect="at once",
    ),
    ParameterSpec(
        "sample_format", "S16LE", "Audio without this in its messages: format of one sample.", takes_effect="at once"
    ),
    ParameterSpec(
        "info_topic",
        "",
        "Audio without these three in its messages: topic of an AudioInfo that tells them; empty for none.",
        takes_effect="at once",
    ),
    ParameterSpec(
        "reference",
        "",
        "Touch: picture of the sensor without contact; empty to take it from the stream.",
        takes_effect="at once",
    ),
)

# What a `discover` rule has besides, for the sources it makes, the parameters of a source.
RULE_PARAMETERS = (
    ParameterSpec("type", "", "Message type of the topics; empty for any that the modality is decoded from."),
    *SOURCE_PARAMETERS,
)


def listed(names: Sequence[str] | None) -> list[str]:
    """A list of names. The `ros2 param` command cannot write an empty one: one empty name stands for it."""
    return [] if names is None or list(names) == [""] else list(names)


def check_source_name(name: str) -> None:
    """Raise ConfigurationError for a name that cannot be part of a parameter's and a topic's name."""
    if not re.fullmatch("[A-Za-z][A-Za-z0-9_]*", name):
        raise ConfigurationError(
            f"{name!r} cannot be a source's name", remedy="use letters, digits and underscores only", source=name
        )


def source_settings(name: str, read: Callable[[str], Any]) -> SourceSettings:
    """The settings of a source; `read` gives the value of one of its parameters.

    Raises ConfigurationError for a source without a topic or with an unknown modality.
    """
    if not read("topic"):
        raise ConfigurationError("the source has no topic", remedy=f"set `{name}.topic`", source=name)
    return SourceSettings(
        name=name,
        modality=modality_named(read("modality"), source=name),
        topic=read("topic"),
        liveness=LivenessSettings(
            ttl_s=read("ttl"), frozen_after_s=read("frozen_after"), max_clock_offset_s=read("max_clock_offset")
        ),
        enabled=read("enabled"),
        audio=AudioFormat(read("sample_rate"), read("channels"), read("sample_format"), read("info_topic")),
        touch_reference=Path(read("reference")) if read("reference") else None,
    )


def discover_rule(name: str, read: Callable[[str], Any]) -> DiscoverRule:
    """A `discover` rule; `read` gives the value of one of its parameters, its topic with the namespace.

    Raises ConfigurationError for a rule without a topic, or with a modality or type that does not exist.
    """
    template = source_settings(name, read)
    types = MESSAGE_TYPES[template.modality]
    if read("type") not in ("", *types):
        raise ConfigurationError(
            f"{template.modality} is not decoded from {read('type')}",
            remedy=f"set `{name}.type` to one of {', '.join(types)}, or leave it out",
            source=name,
        )
    return DiscoverRule(name, template.topic, read("type"), template)


def chosen_modalities(names: Sequence[str]) -> frozenset[Modality]:
    """The modalities of the parameter `modalities`; all when it names none. Raises ConfigurationError."""
    try:
        return frozenset(map(Modality, listed(names))) or frozenset(Modality)
    except ValueError as error:
        raise ConfigurationError(
            f"{error}", remedy=f"set `modalities` to some of {', '.join(map(str, Modality))}"
        ) from error
