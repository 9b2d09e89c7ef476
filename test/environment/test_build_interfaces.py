import json
import runpy
from importlib import import_module
from pathlib import Path

import pytest
from ament_index_python.packages import get_package_share_directory

ROOT = Path(__file__).resolve().parents[2]
name_this_python = runpy.run_path(str(ROOT / "environment" / "build_interfaces.py"))["name_this_python"]

# Names and order as they were recorded by, or are declared in, the released packages: what the wire format follows
FIELDS = {
    "vision_msgs/Classification": {"header": "std_msgs/Header", "results": "sequence<vision_msgs/ObjectHypothesis>"},
    "vision_msgs/ObjectHypothesis": {"class_id": "string", "score": "double"},
    "audio_common_msgs/AudioData": {"data": "sequence<uint8>"},
    "audio_common_msgs/AudioDataStamped": {"header": "std_msgs/Header", "audio": "audio_common_msgs/AudioData"},
    "audio_common_msgs/AudioInfo": {
        "channels": "uint8",
        "sample_rate": "uint32",
        "sample_format": "string",
        "bitrate": "uint32",
        "coding_format": "string",
    },
}


def test_the_include_folders_of_the_wheels_machine_become_this_machines() -> None:
    wheels = (
        'INTERFACE_INCLUDE_DIRECTORIES "${_IMPORT_PREFIX}/include/std_msgs;/opt/python/cp311-cp311/include/python3.11;'
        '/opt/python/cp311-cp311/lib/python3.11/site-packages/numpy/_core/include"'
    )
    corrected = name_this_python(wheels, Path("/usr/include/python3.12"), Path("/venv/numpy/include"))
    assert corrected == (
        'INTERFACE_INCLUDE_DIRECTORIES "${_IMPORT_PREFIX}/include/std_msgs;/usr/include/python3.12;/venv/numpy/include"'
    )
    assert name_this_python(corrected, Path("/other"), Path("/other")) == corrected


@pytest.mark.ros
@pytest.mark.parametrize("message", FIELDS)
def test_messages_have_the_fields_of_the_released_packages_in_order(message: str) -> None:
    package, name = message.split("/")
    fields = getattr(import_module(f"{package}.msg"), name).get_fields_and_field_types()
    assert list(fields.items()) == list(FIELDS[message].items())


@pytest.mark.ros
def test_event_packets_have_the_type_hash_found_in_recordings_of_real_cameras() -> None:
    description = Path(get_package_share_directory("event_camera_msgs")) / "msg" / "EventPacket.json"
    hashes = json.loads(description.read_text(encoding="utf-8"))["type_hashes"]
    assert {"RIHS01_d6fa176260b1f37e5a40845305315e150a0f18191241eb64f407442aa29844aa"} == {
        entry["hash_string"] for entry in hashes if entry["type_name"] == "event_camera_msgs/msg/EventPacket"
    }
