import numpy as np
import pytest

pytest.importorskip("rclpy", reason="needs ROS 2: `make setup` installs it")

from omnibind_ros.messages.audio import AudioDecoder
from omnibind_ros.messages.events import EventDecoder
from omnibind_ros.messages.evt3 import encode
from omnibind_ros.messages.header import frame_of, stamp_ns_of
from omnibind_ros.messages.image import intensity_from_image, rgb_from_image
from omnibind_ros.messages.points import points_from_cloud
from omnibind_ros.messages.text import text_from_message
from omnibind_ros.nodes.driver_messages import (
    audio_message,
    events_message,
    image_message,
    points_message,
    text_message,
)

STAMP_NS = 1_700_000_000_123_456_789
RANDOM = np.random.default_rng(0)


def test_images_come_out_as_they_went_in() -> None:
    rgb = RANDOM.integers(0, 256, (6, 8, 3), np.uint8)
    message = image_message(rgb, "rgb8", STAMP_NS, "camera")
    assert np.array_equal(rgb_from_image(message), rgb)
    assert (stamp_ns_of(message), frame_of(message)) == (STAMP_NS, "camera")
    counts = RANDOM.integers(0, 1 << 16, (6, 8), np.uint16)
    assert np.array_equal(intensity_from_image(image_message(counts, "mono16", STAMP_NS, "thermal")), counts)


def test_a_part_of_a_larger_picture_can_be_sent() -> None:
    rgb = RANDOM.integers(0, 256, (6, 8, 3), np.uint8)[::2, 1:5]
    assert np.array_equal(rgb_from_image(image_message(rgb, "rgb8", STAMP_NS, "camera")), rgb)


def test_sound_comes_out_within_one_step_of_16_bits_and_loud_sound_is_limited() -> None:
    samples = np.array([0.0, 0.5, -0.25, 1.5, -2.0], np.float32)
    heard = AudioDecoder(16_000, 1, "S16LE").decode(audio_message(samples, STAMP_NS, "microphone"))
    assert np.allclose(heard.samples_NC[:, 0], np.clip(samples, -1, 1), atol=2 / 32768)


def test_points_come_out_as_they_went_in_also_none() -> None:
    for count in (0, 5):
        xyz = RANDOM.normal(size=(count, 3)).astype(np.float32)
        assert np.array_equal(points_from_cloud(points_message(xyz, STAMP_NS, "lidar")).xyz_N3, xyz)


def test_events_come_out_as_they_went_in() -> None:
    x, y = np.array([3, 9, 3], np.uint16), np.array([1, 1, 7], np.uint16)
    t_us, p = np.array([10, 11, 5000], np.int64), np.array([True, False, True])
    message = events_message(
        encode(x, y, t_us, p).tobytes(), width=16, height=8, sequence=1, stamp_ns=STAMP_NS, frame_id="event"
    )
    events = EventDecoder().decode(message)
    assert np.array_equal(events.x, x)
    assert np.array_equal(events.y, y)
    assert np.array_equal(events.p, p)
    assert (events.width, events.height) == (16, 8)


def test_text_comes_out_as_it_went_in() -> None:
    assert text_from_message(text_message("a hot kettle")) == "a hot kettle"
