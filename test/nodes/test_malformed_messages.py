"""A message of every modality that cannot be right, over real DDS: counted and named, and the source lives on."""

import time
from array import array
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from every_modality import write_bundle_of_every_modality

pytest.importorskip("rclpy", reason="needs ROS 2: run `make setup`")

from audio_common_msgs.msg import AudioData
from perception_process import Robot, perception
from sensor_msgs.msg import CompressedImage

from omnibind_ros.messages.evt3 import encode
from omnibind_ros.messages.header import set_header
from omnibind_ros.nodes.driver_messages import (
    audio_message,
    events_message,
    image_message,
    points_message,
    text_message,
)

pytestmark = pytest.mark.ros

RANDOM = np.random.default_rng(0)
JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffdb")
MP3_FRAME = bytes([0xFF, 0xFB, 0x90, 0x64]) + bytes(413)


def camera(**changes: Any) -> Any:
    pixels = RANDOM.integers(0, 256, (48, 64, 3), np.uint8)
    return changed(image_message(pixels, "rgb8", time.time_ns(), "sensor"), **changes)


def counts(**changes: Any) -> Any:
    pixels = RANDOM.integers(29_000, 31_000, (48, 64), np.uint16)
    return changed(image_message(pixels, "mono16", time.time_ns(), "sensor"), **changes)


def sound(**changes: Any) -> Any:
    message = audio_message(RANDOM.normal(0, 0.1, 32_000).astype(np.float32), time.time_ns(), "sensor")
    changed(message.audio, **changes)
    return message


def bare_sound(**changes: Any) -> Any:
    return changed(AudioData(data=sound().audio.data), **changes)


def events(**changes: Any) -> Any:
    x, y = RANDOM.integers(0, 64, (2, 2000)).astype(np.uint16)
    evt3 = encode(x, y, np.arange(2000, dtype=np.int64), x > y).tobytes()
    return changed(
        events_message(evt3, width=64, height=64, sequence=0, stamp_ns=time.time_ns(), frame_id="sensor"), **changes
    )


def points(**changes: Any) -> Any:
    xyz = RANDOM.normal((1.0, 0.0, 0.0), 0.05, (200, 3)).astype(np.float32)
    return changed(points_message(xyz, time.time_ns(), "sensor"), **changes)


def prompt(**changes: Any) -> Any:
    return changed(text_message("a red mug"), **changes)


def photo(**changes: Any) -> Any:
    import cv2  # noqa: PLC0415

    png = cv2.imencode(".png", RANDOM.integers(0, 256, (48, 64, 3), np.uint8))[1]
    message = CompressedImage(format="png", data=png.tobytes())
    set_header(message, time.time_ns(), "sensor")
    return changed(message, **changes)


def changed(message: Any, **changes: Any) -> Any:
    for name, content in changes.items():
        setattr(message, name, content)
    return message


MAKERS: dict[str, tuple[str, Callable[..., Any]]] = {
    "camera": ("image", camera),
    "photo": ("image", photo),
    "thermal": ("thermal", counts),
    "event": ("event", events),
    "touch": ("touch", camera),
    "microphone": ("audio", sound),
    "bare_microphone": ("audio", bare_sound),
    "lidar": ("point", points),
    "prompt": ("text", prompt),
}


@pytest.fixture(scope="module")
def robot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Robot]:
    folder = tmp_path_factory.mktemp("malformed")
    sources = {name: {"modality": modality, "ttl": 5.0} for name, (modality, _) in MAKERS.items()}
    with perception(folder, write_bundle_of_every_modality(folder / "bundle"), sources) as robot:
        yield robot


@pytest.mark.parametrize(
    ("source", "changes", "problem"),
    [
        ("camera", {"step": 7}, "step 7 is shorter"),
        ("photo", {"data": JPEG}, "jpeg"),
        ("thermal", {"encoding": "rgb8", "step": 192}, "rgb8"),
        ("event", {"events": array("B", [1, 2, 3])}, "16-bit word"),
        ("touch", {"data": array("B", bytes(10))}, "10 bytes"),
        ("microphone", {"data": array("B", MP3_FRAME * 3)}, "MP3"),
        ("bare_microphone", {"data": array("B", bytes(3))}, "3 bytes"),
        ("lidar", {"point_step": 5}, "point_step"),
        ("prompt", {"data": "a" * 100_000}, "characters"),
    ],
)
def test_it_is_counted_and_named_and_the_next_good_message_is_used(
    robot: Robot, source: str, changes: dict[str, Any], problem: str
) -> None:
    make = MAKERS[source][1]
    robot.send(source, make(**changes))
    robot.bench.wait_until(lambda: robot.values(source).get("errors") == "1", f"no error of {source} is counted")
    status = robot.bench.wait_for_state(source, "faulty")
    assert problem.lower() in status.message.lower()
    assert "(" in status.message, "it says what to do"
    (line,) = [line for line in robot.log.splitlines() if f" {source}: " in line and "ERROR" in line]
    assert problem.lower() in line.lower()

    assert not robot.bench.heard[f"embedding/{source}"]
    robot.send(source, make())
    robot.bench.wait_until(lambda: robot.bench.heard[f"embedding/{source}"], f"no embedding of {source}")
    robot.bench.wait_for_state(source, "live")
    assert robot.values(source)["errors"] == "1"
