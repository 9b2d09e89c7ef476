"""The types of recorded messages: from the definitions in the bag, or from those here where it holds none."""

from functools import lru_cache
from typing import Any

from rosbags.interfaces import MessageDefinition, MessageDefinitionFormat
from rosbags.typesys import Stores, TypesysError, get_types_from_idl, get_types_from_msg, get_typestore
from rosbags.typesys.store import Typestore

_AUDIO = "audio_common_msgs/msg/"
_STAMPED = "std_msgs/Header header\n"

# What the rosbags library does not know, for bags of ROS 2 Humble and older, which carry no definitions. Two packages
# are called audio_common_msgs, with an AudioData of their own each; the type of the topic tells which one it is.
_AUDIO_OF_ROS_DRIVERS = {
    f"{_AUDIO}AudioData": "uint8[] data",
    f"{_AUDIO}AudioDataStamped": f"{_STAMPED}{_AUDIO}AudioData audio",
}
_AUDIO_WITH_INFO = {
    f"{_AUDIO}AudioData": (
        "float32[] float32_data\nint32[] int32_data\nint16[] int16_data\nint8[] int8_data\nuint8[] uint8_data"
    ),
    f"{_AUDIO}AudioInfo": "int32 format\nint32 channels\nint32 rate\nint32 chunk",
    f"{_AUDIO}Audio": f"{_AUDIO}AudioData audio_data\n{_AUDIO}AudioInfo info",
    f"{_AUDIO}AudioStamped": f"{_STAMPED}{_AUDIO}Audio audio",
}
_EVENTS = {
    "event_camera_msgs/msg/EventPacket": (
        f"{_STAMPED}uint32 height\nuint32 width\nuint64 seq\nuint64 time_base\nstring encoding\nbool is_bigendian\n"
        "uint8[] events"
    ),
}
_RESULTS = {
    "vision_msgs/msg/ObjectHypothesis": "string class_id\nfloat64 score",
    "vision_msgs/msg/Classification": f"{_STAMPED}vision_msgs/ObjectHypothesis[] results",
}
_IDL_SEPARATOR = "=" * 80 + "\n"


@lru_cache(maxsize=64)
def store_for(message_type: str, definition: MessageDefinition) -> Typestore:
    """The types needed to read a message type that was recorded with this definition.

    A topic has a store of its own, as one bag may hold types of one name with different fields. Raises rosbags'
    TypesysError for a definition that makes no sense, of a type that is not known here.
    """
    if definition.format is not MessageDefinitionFormat.NONE:
        store = get_typestore(Stores.EMPTY)
        try:
            store.register(_types_of(definition, message_type))
        except TypesysError:  # the library cannot read every IDL file that ROS writes
            if message_type not in _known_here(message_type).fielddefs:
                raise
        else:
            return store
    return _known_here(message_type)


def _known_here(message_type: str) -> Typestore:
    store = get_typestore(Stores.ROS2_JAZZY)
    audio = _AUDIO_WITH_INFO if message_type == f"{_AUDIO}AudioStamped" else _AUDIO_OF_ROS_DRIVERS
    for name, text in {**audio, **_EVENTS, **_RESULTS}.items():
        store.register(get_types_from_msg(text, name))
    return store


def _types_of(definition: MessageDefinition, message_type: str) -> dict[str, Any]:
    """Types of a definition: one message file with those it needs, or IDL files, each below a line with its name."""
    if definition.format is MessageDefinitionFormat.MSG:
        return dict(get_types_from_msg(definition.data, message_type))
    types: dict[str, Any] = {}
    for part in definition.data.split(_IDL_SEPARATOR):
        idl = part.split("\n", 1)[1] if part.startswith("IDL: ") else part
        if idl.strip():
            types.update(get_types_from_idl(idl))
    return types
