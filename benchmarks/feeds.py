"""Sensors to measure with, at the sizes and rates of real ones: all messages are made and serialised beforehand."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from audio_common_msgs.msg import AudioDataStamped
from event_camera_msgs.msg import EventPacket
from numpy.typing import NDArray
from sensor_msgs.msg import CompressedImage, Image, PointCloud2
from std_msgs.msg import String

from benchmarks.preprocessing.event import HEIGHT, WIDTH, made_up_stream
from benchmarks.serialised import TIME_HIGH_US, SerialisedEvents, SerialisedMessage
from benchmarks.views import clouds, hint, pictures, sound, touches
from omnibind_ros.nodes.driver_messages import audio_message, events_message, image_message, points_message
from omnibind_ros.simulation.sensors import SOUND_RATE_HZ

_FRAMES = 20
_SOUND_CHUNK_S = 0.02
_SOUND_S = 2.0
# 100 packets of 10.24 ms: a loop of whole units of EVT3's upper time words.
_EVENT_PACKETS = 100
_EVENT_PACKET_US = 5 * TIME_HIGH_US // 2
_EVENT_BURST_US = 2.2
LIDAR_POINTS = 120_000


@dataclass(frozen=True, slots=True)
class Feed:
    """The messages of a sensor, sent in turns. rate_hz: its own. span_s: what a message covers; stamped with its start.

    Messages carry the stamp zero until they are sent.
    """

    message_type: type[Any]
    rate_hz: float
    messages: Sequence[SerialisedMessage]
    span_s: float = 0.0

    def message(self, number: int, now_ns: int) -> bytes:
        """The message to send at this time as the `number`-th."""
        return self.messages[number % len(self.messages)].at(now_ns - round(self.span_s * 1e9), number)


def camera_images(width: int, height: int) -> list[Image]:
    """Raw frames, rgb8."""
    frames = pictures("camera", width=width, height=height, count=_FRAMES)
    return [image_message(rgb, "rgb8", 0, "camera") for rgb in frames]


def camera_jpegs(width: int, height: int) -> list[CompressedImage]:
    """The same frames as JPEG."""
    frames = pictures("camera", width=width, height=height, count=_FRAMES)
    files = [cv2.imencode(".jpg", cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR))[1].tobytes() for rgb in frames]
    return [CompressedImage(format="rgb8; jpeg compressed bgr8", data=file) for file in files]


def _raw_camera(width: int, height: int) -> Feed:
    return Feed(Image, 30.0, [SerialisedMessage(image) for image in camera_images(width, height)])


def _jpeg_camera(width: int, height: int) -> Feed:
    return Feed(CompressedImage, 30.0, [SerialisedMessage(image) for image in camera_jpegs(width, height)])


def _thermal() -> Feed:
    frames = pictures("thermal", width=640, height=512, count=_FRAMES)
    return Feed(Image, 30.0, [SerialisedMessage(image_message(one, "mono16", 0, "thermal")) for one in frames])


def _touch() -> Feed:
    frames = touches(width=320, height=240, count=3 * _FRAMES)
    return Feed(Image, 30.0, [SerialisedMessage(image_message(one, "rgb8", 0, "touch")) for one in frames])


def _event() -> Feed:
    loop_us = _EVENT_PACKETS * _EVENT_PACKET_US
    packets = _cut_by_time(made_up_stream(int(loop_us / _EVENT_BURST_US), every_us=_EVENT_BURST_US), loop_us)
    messages = [
        events_message(packet, width=WIDTH, height=HEIGHT, sequence=number, stamp_ns=0, frame_id="event")
        for number, packet in enumerate(packets)
    ]
    serialised = [SerialisedEvents(message, packets=_EVENT_PACKETS, loop_us=loop_us) for message in messages]
    packet_s = _EVENT_PACKET_US * 1e-6
    return Feed(EventPacket, 1 / packet_s, serialised, span_s=packet_s)


def _microphone() -> Feed:
    chunks = np.split(sound(_SOUND_S), round(_SOUND_S / _SOUND_CHUNK_S))
    assert len(chunks[0]) == round(_SOUND_CHUNK_S * SOUND_RATE_HZ)  # noqa: S101
    messages = [SerialisedMessage(audio_message(chunk, 0, "microphone")) for chunk in chunks]
    return Feed(AudioDataStamped, 1 / _SOUND_CHUNK_S, messages, span_s=_SOUND_CHUNK_S)


def _lidar() -> Feed:
    scans = clouds(points=LIDAR_POINTS, count=5)
    return Feed(PointCloud2, 10.0, [SerialisedMessage(points_message(scan, 0, "lidar")) for scan in scans])


def _prompt() -> Feed:
    return Feed(String, 2.0, [SerialisedMessage(String(data=hint()))])


FEEDS: Mapping[str, Callable[[], Feed]] = {
    "camera": lambda: _raw_camera(640, 480),
    "camera_hd": lambda: _raw_camera(1280, 720),
    "jpeg": lambda: _jpeg_camera(640, 480),
    "jpeg_hd": lambda: _jpeg_camera(1280, 720),
    "thermal": _thermal,
    "event": _event,
    "touch": _touch,
    "microphone": _microphone,
    "lidar": _lidar,
    "prompt": _prompt,
}
"""By name: cameras of 640×480 and 1280×720, raw and JPEG; thermal 640×512; event 1280×720 with five million events a
second; touch 320×240; microphone 16 kHz; LiDAR 120,000 points."""


def _cut_by_time(stream: NDArray[np.uint8], loop_us: int) -> list[bytes]:
    """An EVT3 stream that begins at 0, cut into `_EVENT_PACKETS` packets of equal time, between two bursts."""
    words = stream.view("<u2")
    kinds = words >> 12
    high = np.maximum.accumulate(np.where(kinds == 0x8, words & 0xFFF, 0).astype(np.int64))
    starts = np.flatnonzero(kinds == 0x6)  # a burst begins with its lower time, or with the upper one before it
    times_us = high[starts] * TIME_HIGH_US + (words[starts] & 0xFFF)
    first = starts - (kinds[starts - 1] == 0x8)
    first[0] = 0
    edges_us = np.arange(1, _EVENT_PACKETS) * (loop_us // _EVENT_PACKETS)
    cuts = first[np.searchsorted(times_us, edges_us)]
    return [part.tobytes() for part in np.split(words, cuts)]
