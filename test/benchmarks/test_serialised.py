import numpy as np
import pytest

pytest.importorskip("rclpy", reason="needs ROS 2: run `make setup`")

from rclpy.serialization import deserialize_message
from sensor_msgs.msg import Image
from std_msgs.msg import String

from benchmarks.feeds import FEEDS
from benchmarks.serialised import SerialisedMessage
from omnibind_ros.messages.events import EventDecoder
from omnibind_ros.messages.header import stamp_ns_of
from omnibind_ros.nodes.driver_messages import image_message

STAMP_NS = 1_700_000_000_123_456_789


def test_only_the_stamp_changes() -> None:
    image = image_message(np.arange(48, dtype=np.uint8).reshape(4, 4, 3), "rgb8", 7, "camera")
    sent = deserialize_message(SerialisedMessage(image).at(STAMP_NS, 0), Image)
    assert stamp_ns_of(sent) == STAMP_NS
    sent.header.stamp = image.header.stamp
    assert sent == image


def test_a_message_without_a_header_stays_as_it_is() -> None:
    text = String(data="something round")
    assert deserialize_message(SerialisedMessage(text).at(STAMP_NS, 3), String) == text


def test_events_go_on_in_time_and_number_when_the_loop_begins_again() -> None:
    feed = FEEDS["event"]()
    decoder, last_us, count = EventDecoder(), -1, 0
    for number in range(2 * len(feed.messages) + 1):
        events = decoder.decode(deserialize_message(feed.message(number, STAMP_NS), feed.message_type))
        assert events.lost == events.dropped == 0
        assert events.t_us[0] >= last_us
        last_us, count = int(events.t_us[-1]), count + len(events)
    assert count / last_us == pytest.approx(5.0, rel=0.01), "million events a second"


@pytest.mark.parametrize(("name", "size"), [("camera", 640 * 480 * 3), ("touch", 320 * 240 * 3), ("lidar", 1_440_000)])
def test_sensors_have_the_sizes_of_real_ones(name: str, size: int) -> None:
    feed = FEEDS[name]()
    messages = [deserialize_message(feed.message(number, STAMP_NS), feed.message_type) for number in (0, 1)]
    assert len(messages[0].data) == size
    assert messages[0].data != messages[1].data, "a sensor that repeats itself would be taken for frozen"
