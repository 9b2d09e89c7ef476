from pathlib import Path

import pytest
from rosbags.interfaces import MessageDefinition, MessageDefinitionFormat
from rosbags.typesys import TypesysError, get_types_from_msg

from omnibind_ros.replay.message_types import store_for

INTERFACES = Path(__file__).resolve().parents[2] / "interfaces"
NONE = MessageDefinition(MessageDefinitionFormat.NONE, "")


def types_in_interfaces() -> list[str]:
    return [f"{path.parent.parent.name}/msg/{path.stem}" for path in sorted(INTERFACES.glob("*/msg/*.msg"))]


@pytest.mark.parametrize("name", [name for name in types_in_interfaces() if not name.endswith("AudioInfo")])
def test_bags_without_definitions_are_read_with_those_of_interfaces(name: str) -> None:
    package, _, base = name.split("/")
    shipped = get_types_from_msg((INTERFACES / package / "msg" / f"{base}.msg").read_text(), name)
    assert store_for(name, NONE).fielddefs[name][1] == shipped[name][1]


def test_the_topic_tells_which_of_the_two_audio_packages_it_is() -> None:
    data = "audio_common_msgs/msg/AudioData"
    assert [field for field, _ in store_for("audio_common_msgs/msg/AudioDataStamped", NONE).fielddefs[data][1]] == [
        "data"
    ]
    assert "int16_data" in [
        field for field, _ in store_for("audio_common_msgs/msg/AudioStamped", NONE).fielddefs[data][1]
    ]


def test_the_definition_in_the_bag_comes_first() -> None:
    newer = MessageDefinition(MessageDefinitionFormat.MSG, "string data\nstring language\n")
    fields = [field for field, _ in store_for("std_msgs/msg/String", newer).fielddefs["std_msgs/msg/String"][1]]
    assert fields == ["data", "language"]


def test_a_definition_nobody_can_read_is_replaced_by_the_known_one() -> None:
    broken = MessageDefinition(MessageDefinitionFormat.IDL, "?")
    assert "sensor_msgs/msg/Image" in store_for("sensor_msgs/msg/Image", broken).fielddefs
    with pytest.raises(TypesysError):
        store_for("somebody_msgs/msg/Unknown", broken)


def test_idl_files_in_one_definition_are_all_taken() -> None:
    def idl(name: str, member: str) -> str:
        body = f"module my_msgs {{ module msg {{ struct {name} {{ {member}; }}; }}; }};"
        return f"{'=' * 80}\nIDL: my_msgs/msg/{name}\n{body}\n"

    both = MessageDefinition(
        MessageDefinitionFormat.IDL, idl("Outer", "my_msgs::msg::Inner inner") + idl("Inner", "uint8 value")
    )
    assert {"my_msgs/msg/Outer", "my_msgs/msg/Inner"} <= set(store_for("my_msgs/msg/Outer", both).fielddefs)
