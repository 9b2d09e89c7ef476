"""What a user says about one source in the configuration."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.fusion.source_state import LivenessSettings
from omnibind_ros.modality import Modality

# The message types each modality is decoded from; the first is what a driver most likely sends.
MESSAGE_TYPES: dict[Modality, tuple[str, ...]] = {
    Modality.IMAGE: ("sensor_msgs/msg/Image", "sensor_msgs/msg/CompressedImage"),
    Modality.THERMAL: ("sensor_msgs/msg/Image", "sensor_msgs/msg/CompressedImage"),
    Modality.TOUCH: ("sensor_msgs/msg/Image", "sensor_msgs/msg/CompressedImage"),
    Modality.EVENT: ("event_camera_msgs/msg/EventPacket",),
    Modality.AUDIO: (
        "audio_common_msgs/msg/AudioDataStamped",
        "audio_common_msgs/msg/AudioData",
        "audio_common_msgs/msg/AudioStamped",
    ),
    Modality.POINT: ("sensor_msgs/msg/PointCloud2",),
    Modality.TEXT: ("std_msgs/msg/String",),
}

AUDIO_INFO_TYPE = "audio_common_msgs/msg/AudioInfo"

# A frame replaces the one before it; a stream is only complete with every message.
STREAMS = frozenset({Modality.AUDIO, Modality.EVENT})


@dataclass(frozen=True, slots=True)
class AudioFormat:
    """What headerless audio bytes mean, for drivers that do not say it in their messages.

    info_topic: where the driver says it; once it has, that counts instead of the rest. Empty for nowhere.
    """

    rate_hz: int = 16000
    channels: int = 1
    sample_format: str = "S16LE"
    info_topic: str = ""


@dataclass(frozen=True, slots=True)
class SourceSettings:
    """One source: its name, modality and topic, and when it counts as live."""

    name: str
    modality: Modality
    topic: str
    liveness: LivenessSettings
    enabled: bool = True
    audio: AudioFormat = field(default_factory=AudioFormat)
    touch_reference: Path | None = None


def modality_named(name: str, *, source: str) -> Modality:
    """The modality a user wrote. Raises ConfigurationError that lists what there is."""
    try:
        return Modality(name)
    except ValueError as error:
        raise ConfigurationError(
            f"there is no modality {name!r}",
            remedy=f"set `{source}.modality` to one of {', '.join(str(one) for one in Modality)}",
            source=source,
        ) from error


def supported_type(modality: Modality, offered: Sequence[str]) -> str | None:
    """The first of the offered message types that this modality can be decoded from."""
    return next((one for one in offered if one in MESSAGE_TYPES[modality]), None)
