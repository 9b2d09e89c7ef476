"""Recordings of real event cameras over real DDS into embeddings and recognitions."""

import array
from collections.abc import Iterator
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from every_modality import write_bundle_of_every_modality

pytest.importorskip("rclpy", reason="needs ROS 2: run `make setup`")

from event_camera_msgs.msg import EventPacket
from perception_process import Robot, perception, seen_now
from rclpy.serialization import deserialize_message

from omnibind_ros.messages.event_files import NMNIST_SIDE, read_nmnist
from omnibind_ros.messages.events import EventDecoder
from omnibind_ros.messages.evt3 import encode
from omnibind_ros.messages.header import stamp_ns_of
from omnibind_ros.modality import Modality

pytestmark = pytest.mark.ros

STEP_US = 100_000


@pytest.fixture(scope="module")
def robot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Robot]:
    folder = tmp_path_factory.mktemp("events")
    names = ("event_bag", "event_raw", "event_digits", "event_unknown")
    sources = {name: {"modality": "event"} for name in names}
    with perception(folder, write_bundle_of_every_modality(folder / "bundle"), sources) as robot:
        yield robot


def existing(path: Path) -> Path:
    if not path.exists():
        pytest.skip(f"no recording at {path}")
    return path


def recorded_packets(bag: Path) -> list[Any]:
    bag_reader = pytest.importorskip("rosbags.rosbag2").Reader
    with bag_reader(existing(bag)) as opened:
        return [deserialize_message(raw, EventPacket) for _, _, raw in opened.messages()]


def play(robot: Robot, source: str, packets: list[EventPacket], burst: int) -> int:
    """Send packets in bursts; of each burst the last event's time must come back. Returns the number of events."""
    decoder, total = EventDecoder(), 0
    for start in range(0, len(packets), burst):
        sent = [seen_now(packet, "event_camera") for packet in packets[start : start + burst]]
        decoded = [decoder.decode(packet) for packet in sent]
        last = decoded[-1]
        seen_ns = stamp_ns_of(sent[-1]) + int(last.t_us[-1] - last.t_us[0]) * 1000
        embedding = robot.recognise(source, *sent, seen_ns=seen_ns)
        assert embedding.modality is Modality.EVENT
        total += sum(map(len, decoded))
    robot.bench.wait_until(lambda: robot.values(source)["state"] == "live", f"{source} is not live")
    assert robot.values(source)["dropped"] == "0"
    return total


def packet(evt3: bytes, width: int, height: int, sequence: int) -> EventPacket:
    message = EventPacket(width=width, height=height, seq=sequence, encoding="evt3", is_bigendian=False)
    message.events = array.array("B", evt3)
    return message


def test_a_recorded_bag_is_recognised_packet_by_packet(robot: Robot, recordings: Path) -> None:
    packets = recorded_packets(recordings / "event" / "rosbag" / "test_events_1")
    assert play(robot, "event_bag", packets, burst=20) == 343_474


def test_a_raw_file_of_a_camera_is_recognised_when_cut_into_packets(robot: Robot, recordings: Path) -> None:
    content = existing(recordings / "event" / "prophesee_raw" / "evt3_sample.raw").read_bytes()
    while content.startswith(b"% "):
        content = content[content.index(b"\n") + 1 :]
    size = 1 << 16
    cuts = range(0, len(content), size)
    packets = [packet(content[cut : cut + size], 1280, 720, number) for number, cut in enumerate(cuts)]
    assert play(robot, "event_raw", packets, burst=1) == 219_596


def test_digits_seen_by_a_moving_event_camera_are_recognised(robot: Robot, recordings: Path) -> None:
    files = sorted((recordings / "event" / "nmnist" / "test").glob("*/*.bin"))[::7]
    if not files:
        pytest.skip(f"no recordings in {recordings / 'event' / 'nmnist'}")
    for path in files:
        digit = read_nmnist(path)
        edges = np.searchsorted(digit.t_us, range(0, int(digit.t_us[-1]) + STEP_US, STEP_US))
        parts = [digit[int(start) : int(stop)] for start, stop in pairwise(edges)]
        packets = [
            packet(encode(part.x, part.y, part.t_us, part.p).tobytes(), NMNIST_SIDE, NMNIST_SIDE, number)
            for number, part in enumerate(parts)
        ]
        assert play(robot, "event_digits", packets, burst=len(packets)) == len(digit)


@pytest.mark.skipif(find_spec("event_camera_py") is not None, reason="event_camera_py decodes libcaer_cmp")
def test_an_encoding_that_nothing_here_decodes_is_a_fault_with_the_remedy(robot: Robot, recordings: Path) -> None:
    # The bag's metadata do not say how it is stored, so the file is read without them.
    for recorded in recorded_packets(recordings / "event" / "rosbag" / "test_events_2" / "test_events_2_0.mcap")[:5]:
        robot.send("event_unknown", seen_now(recorded, "event_camera"))
    robot.bench.wait_until(lambda: robot.values("event_unknown").get("errors") == "5", "5 errors are not counted")
    status = robot.bench.wait_for_state("event_unknown", "faulty")
    assert "libcaer_cmp" in status.message
    assert "event-camera-py" in status.message
