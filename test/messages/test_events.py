import array
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omnibind_ros.errors import MessageError
from omnibind_ros.messages.events import EventDecoder
from omnibind_ros.messages.evt3 import encode

EVENT_PACKET = """
std_msgs/Header header
uint32 height
uint32 width
uint64 seq
uint64 time_base
string encoding
bool is_bigendian
uint8[] events
"""
ONE_EVENT = encode(np.array([3], np.uint16), np.array([2], np.uint16), np.array([77]), np.array([True])).tobytes()


def packet(**fields: Any) -> SimpleNamespace:
    usual = {
        "width": 8,
        "height": 8,
        "seq": 0,
        "time_base": 123,
        "encoding": "evt3",
        "is_bigendian": False,
        "events": ONE_EVENT,
    }
    return SimpleNamespace(**(usual | fields))


@pytest.mark.parametrize(
    "field", [bytes, bytearray, list, lambda data: array.array("B", data), lambda data: np.frombuffer(data, np.uint8)]
)
def test_bytes_of_every_kind_are_read(field: Any) -> None:
    events = EventDecoder().decode(packet(events=field(ONE_EVENT)))
    assert (events.x.tolist(), events.y.tolist(), events.t_us.tolist(), events.p.tolist()) == ([3], [2], [77], [True])
    assert (events.width, events.height, events.lost, events.dropped) == (8, 8, 0, 0)


def test_a_packet_without_events_is_no_error() -> None:
    assert len(EventDecoder().decode(packet(events=b""))) == 0


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"encoding": "hologram"}, "hologram"),
        ({"encoding": ""}, "encoded as"),
        ({"events": ONE_EVENT[:-1]}, "16-bit word"),
        ({"events": ONE_EVENT, "encoding": "mono", "width": 0}, "0×8"),
        ({"events": b"1234", "encoding": "mono"}, "64-bit word"),
        ({"width": 0}, "0×8"),
        ({"height": 0}, "8×0"),
        ({"width": 2**32 - 1}, "pixels"),
        ({"events": np.zeros(4, np.float64)}, "sequence of bytes"),
        ({"events": [1, 300]}, "not an event packet"),
        ({"events": None}, "not an event packet"),
        ({"events": "text"}, "not an event packet"),
        ({"width": None}, "not an event packet"),
    ],
)
def test_a_bad_packet_is_refused_and_the_next_good_one_is_decoded(fields: dict[str, Any], complaint: str) -> None:
    decoder = EventDecoder()
    with pytest.raises(MessageError, match=complaint):
        decoder.decode(packet(**fields))
    same_encoding = "encoding" not in fields
    if same_encoding:
        assert len(decoder.decode(packet())) == 1


def test_an_unknown_encoding_names_the_package_that_may_know_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "event_camera_py", None)
    with pytest.raises(MessageError) as refused:
        EventDecoder().decode(packet(encoding="libcaer_cmp"))
    assert "event-camera-py" in refused.value.remedy


def test_another_kind_of_message_is_refused() -> None:
    with pytest.raises(MessageError, match="EventPacket"):
        EventDecoder().decode(SimpleNamespace(data="hello"))


def test_an_encoding_that_changes_is_refused_once() -> None:
    decoder, mono = EventDecoder(), (1 << 63 | 2 << 48 | 1 << 32).to_bytes(8, "little")
    decoder.decode(packet())
    with pytest.raises(MessageError, match="from `evt3` to `mono`"):
        decoder.decode(packet(encoding="mono", events=mono))
    assert decoder.decode(packet(encoding="mono", events=mono)).x.tolist() == [1]


def test_lost_packets_are_counted_and_nothing_is_made_up_after_them() -> None:
    decoder = EventDecoder()
    decoder.decode(packet(seq=5))
    another_event = np.array([0x2001], "<u2").tobytes()
    assert len(decoder.decode(packet(seq=6, events=another_event))) == 1
    after_gap = decoder.decode(packet(seq=9, events=another_event))
    assert (after_gap.lost, len(after_gap), after_gap.dropped) == (2, 0, 1)
    assert len(decoder.decode(packet(seq=10))) == 1


def test_after_a_refused_packet_nothing_is_made_up_either() -> None:
    decoder, another_event = EventDecoder(), np.array([0x2001], "<u2").tobytes()
    decoder.decode(packet())
    with pytest.raises(MessageError):
        decoder.decode(packet(events=b"odd"))
    after = decoder.decode(packet(events=another_event))
    assert (len(after), after.dropped) == (0, 1)


def test_a_driver_that_does_not_count_its_packets_loses_none() -> None:
    decoder = EventDecoder()
    assert [decoder.decode(packet(seq=0)).lost for _ in range(3)] == [0, 0, 0]


def test_a_driver_that_was_started_anew_starts_a_new_clock() -> None:
    decoder = EventDecoder()
    late = encode(np.array([3], np.uint16), np.array([2], np.uint16), np.array([9_000_000]), np.array([True]))
    decoder.decode(packet(seq=500, events=late))
    restarted = decoder.decode(packet(seq=0))
    assert (restarted.lost, restarted.t_us.tolist()) == (0, [77])


@given(
    encoding=st.sampled_from(["evt3", "mono", "libcaer", "x"]),
    events=st.binary(max_size=64),
    width=st.one_of(st.integers(0, 2**32 - 1), st.integers(1, 50)),
    height=st.one_of(st.integers(0, 2**32 - 1), st.integers(1, 50)),
    seq=st.integers(0, 2**64 - 1),
    time_base=st.integers(0, 2**64 - 1),
    is_bigendian=st.booleans(),
)
@settings(max_examples=100, deadline=None)
def test_any_packet_gives_sound_events_or_a_message_error(**fields: Any) -> None:
    decoder = EventDecoder()
    for _ in range(2):
        try:
            events = decoder.decode(packet(**fields))
        except MessageError:
            continue
        assert (events.width, events.height) == (fields["width"], fields["height"])


def test_a_recorded_evt3_bag_has_all_its_events(recordings: Path) -> None:
    stores = pytest.importorskip("rosbags.typesys")
    bag_reader = pytest.importorskip("rosbags.rosbag2").Reader
    types = stores.get_typestore(stores.Stores.ROS2_JAZZY)
    types.register(stores.get_types_from_msg(EVENT_PACKET, "event_camera_msgs/msg/EventPacket"))
    decoder, x, y, t_us, p, left_out = EventDecoder(), [], [], [], [], 0
    with bag_reader(recordings / "event" / "rosbag" / "test_events_1") as bag:
        for connection, _, raw in bag.messages():
            events = decoder.decode(types.deserialize_cdr(raw, connection.msgtype))
            x.append(events.x)
            y.append(events.y)
            t_us.append(events.t_us)
            p.append(events.p)
            left_out += events.lost + events.dropped
    times, positive = np.concatenate(t_us), np.concatenate(p)
    assert len(times) == 343_474
    assert int(positive.sum()) == 125_183
    assert left_out == 0
    assert (np.diff(times) >= 0).all()
    assert (times[0], times[-1]) == (7_139_845, 9_218_023)
