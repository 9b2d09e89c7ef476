from collections.abc import Iterable
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from omnibind_ros.errors import MessageError
from omnibind_ros.messages.event_array import Events
from omnibind_ros.messages.evt3 import Evt3Decoder, encode

WIDTH, HEIGHT = 40, 30
KNOWN_TYPES = [0x0, 0x2, 0x3, 0x4, 0x5, 0x6, 0x7, 0x8, 0xA, 0xE, 0xF]

Event = tuple[int, int, int, bool]

# Payloads that often are inside the sensor and often step time by little, so that the interesting paths are taken.
payloads = st.one_of(
    st.integers(0, 0xFFF), st.integers(0, 50), st.integers(0, 50).map(lambda x: x | 0x800), st.integers(0xFF0, 0xFFF)
)
words = st.builds(lambda kind, payload: kind << 12 | payload, st.sampled_from(KNOWN_TYPES), payloads)


def packet(stream: Iterable[int]) -> NDArray[np.uint8]:
    return np.array(list(stream), "<u2").view(np.uint8)


def decode(decoder: Evt3Decoder, data: NDArray[np.uint8], width: int = WIDTH, height: int = HEIGHT) -> Events:
    return decoder.decode(data, is_bigendian=False, width=width, height=height)


def listed(*packets: Events) -> list[Event]:
    return [
        (int(x), int(y), int(t), bool(p))
        for events in packets
        for x, y, t, p in zip(events.x, events.y, events.t_us, events.p, strict=True)
    ]


def one_word_at_a_time(stream: Iterable[int], width: int, height: int) -> tuple[list[Event], int]:
    """What the format's description says, with none of the decoder's code."""
    high = now = row = base = None
    polarity, newest, events, dropped = False, 0, [], 0
    for word in stream:
        kind, payload = word >> 12, word & 0xFFF
        found: list[tuple[int, bool]] = []
        if kind == 0x0:
            row = payload & 0x7FF
        elif kind == 0x2:
            found = [(payload & 0x7FF, payload >= 0x800)]
        elif kind == 0x3:
            base, polarity = payload & 0x7FF, payload >= 0x800
        elif kind in (0x4, 0x5):
            length = 12 if kind == 0x4 else 8
            start = base if base is not None else 1 << 20
            found = [(start + bit, polarity) for bit in range(length) if payload & 1 << bit]
            base = base + length if base is not None else None
        elif kind == 0x8:
            step = 0 if high is None else (payload - high) % 4096
            high = payload if high is None else max(0, high + (step - 4096 if step >= 4086 else step))
            if now is not None:
                now = max(now, high * 4096)
        elif kind == 0x6 and high is not None:
            now = high * 4096 + payload
        newest = max(newest, now or 0)
        for x, p in found:
            if x < width and row is not None and row < height and now is not None:
                events.append((x, row, newest, p))
            else:
                dropped += 1
    return events, dropped


@given(st.lists(words, max_size=200))
@settings(max_examples=100, deadline=None)
def test_any_stream_decodes_to_what_its_words_say(stream: list[int]) -> None:
    events = decode(Evt3Decoder(), packet(stream))
    assert (listed(events), events.dropped) == one_word_at_a_time(stream, WIDTH, HEIGHT)


@given(st.lists(words, max_size=200), st.lists(st.integers(0, 200), max_size=8))
@settings(max_examples=50, deadline=None)
def test_where_the_stream_is_cut_into_packets_does_not_matter(stream: list[int], cuts: list[int]) -> None:
    whole = decode(Evt3Decoder(), packet(stream))
    decoder, edges = Evt3Decoder(), [0, *sorted(cuts), len(stream)]
    parts = [decode(decoder, packet(stream[a:b])) for a, b in pairwise(edges)]
    assert listed(*parts) == listed(whole)
    assert sum(part.dropped for part in parts) == whole.dropped


@given(st.binary(max_size=300), st.integers(1, 300), st.integers(1, 300), st.booleans())
@settings(max_examples=100, deadline=None)
def test_garbage_gives_sound_events_or_a_message_error(
    data: bytes, width: int, height: int, is_bigendian: bool
) -> None:
    decoder = Evt3Decoder()
    for _ in range(2):
        try:
            events = decoder.decode(
                np.frombuffer(data, np.uint8), is_bigendian=is_bigendian, width=width, height=height
            )
        except MessageError:
            continue
        assert len(events) + events.dropped <= 12 * len(data) // 2


@st.composite
def recordings_of_events(draw: st.DrawFn) -> tuple[NDArray[np.generic], ...]:
    number = draw(st.integers(0, 100))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    start, longest = draw(st.integers(0, (1 << 24) - 1)), draw(st.sampled_from([0, 3, 5_000, 8_000_000]))
    t_us = start + np.cumsum(random.integers(0, longest + 1, number))
    t_us[:1] = start
    x, y = random.integers(0, 2048, (2, number)).astype(np.uint16)
    return x, y, t_us.astype(np.int64), random.random(number) < 0.5


@given(recordings_of_events())
@settings(max_examples=100, deadline=None)
def test_encoding_and_decoding_give_the_same_events(recorded: tuple[NDArray[np.generic], ...]) -> None:
    events = decode(Evt3Decoder(), encode(*recorded), 2048, 2048)
    for decoded, original in zip((events.x, events.y, events.t_us, events.p), recorded, strict=True):
        np.testing.assert_array_equal(decoded, original)
    assert events.dropped == 0


@pytest.mark.parametrize(
    ("x", "t_us"), [([2048], [0]), ([1, 1], [5, 4]), ([1, 1], [0, 1 << 24])], ids=["pixel", "backwards", "long pause"]
)
def test_what_evt3_cannot_say_is_not_encoded(x: list[int], t_us: list[int]) -> None:
    columns = np.array(x, np.uint16)
    with pytest.raises(MessageError, match="EVT3"):
        encode(columns, np.zeros_like(columns), np.array(t_us), np.ones(len(x), np.bool_))


def test_sensor_time_counts_on_over_its_wraps() -> None:
    decoder = Evt3Decoder()
    seen = []
    for second in range(0, 60, 8):
        x = np.array([1], np.uint16)
        seen += decode(decoder, encode(x, x, np.array([second * 1_000_000]), x > 0)).t_us.tolist()
    assert seen == [second * 1_000_000 for second in range(0, 60, 8)]


def test_a_high_time_slightly_too_small_is_no_wrap() -> None:
    stream = [0x8005, 0x6000, 0x0001, 0x2001, 0x8004, 0x6FFF, 0x2002, 0x8005, 0x6003, 0x2003]
    assert decode(Evt3Decoder(), packet(stream)).t_us.tolist() == [5 * 4096, 5 * 4096, 5 * 4096 + 3]


def test_both_polarities_arrive() -> None:
    events = decode(Evt3Decoder(), packet([0x8000, 0x6000, 0x0001, 0x2001, 0x2802, 0x3803, 0x4003, 0x3009, 0x5001]))
    assert listed(events) == [(1, 1, 0, False), (2, 1, 0, True), (3, 1, 0, True), (4, 1, 0, True), (9, 1, 0, False)]


def test_after_a_gap_nothing_is_made_up_from_before_it() -> None:
    decoder = Evt3Decoder()
    decode(decoder, packet([0x8FF0, 0x6005, 0x0007, 0x3801]))
    decoder.forget()
    later = decode(decoder, packet([0x2001, 0x4FFF, 0x6009, 0x2001, 0x8002, 0x2001, 0x6001, 0x2001, 0x0003, 0x2801]))
    assert listed(later) == [(1, 3, 0x1002001, True)], "time counts on over the wrap, the rest is said anew"
    assert later.dropped == 1 + 12 + 3


def test_events_outside_the_sensor_are_dropped_not_moved() -> None:
    events = decode(Evt3Decoder(), packet([0x8000, 0x6000, 0x0001, 0x2000 | WIDTH, 0x3000 | (WIDTH - 2), 0x40FF]))
    assert events.x.tolist() == [WIDTH - 2, WIDTH - 1]
    assert events.dropped == 7


def test_bytes_in_the_other_order_give_the_same_events() -> None:
    stream = packet([0x8001, 0x6002, 0x0003, 0x2804])
    swapped = stream.reshape(-1, 2)[:, ::-1].reshape(-1).copy()
    events = Evt3Decoder().decode(swapped, is_bigendian=True, width=WIDTH, height=HEIGHT)
    assert listed(events) == listed(decode(Evt3Decoder(), stream))


def test_half_a_word_is_refused() -> None:
    with pytest.raises(MessageError, match="3 bytes"):
        decode(Evt3Decoder(), np.zeros(3, np.uint8))


@pytest.mark.parametrize("kind", sorted(set(range(16)) - set(KNOWN_TYPES)))
def test_a_word_of_no_known_type_is_refused_and_the_stream_goes_on(kind: int) -> None:
    decoder = Evt3Decoder()
    with pytest.raises(MessageError, match="word 1 "):
        decode(decoder, packet([0x8000, kind << 12]))
    assert len(decode(decoder, packet([0x8000, 0x6000, 0x0001, 0x2001]))) == 1
