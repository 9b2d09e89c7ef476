"""EVT3, the bit stream of Prophesee's event cameras: 16-bit words, 4 bits of type above 12 of payload.

A word that says a time, a row or where a vector starts holds until the next one of its kind, also in the next packet.
Format: Prophesee, "EVT 3.0 Format", docs.prophesee.ai/stable/data/encoding_formats/evt3.html.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from omnibind_ros.compiled import compiled
from omnibind_ros.errors import MessageError
from omnibind_ros.messages.event_array import Events, check_size

ADDRESS_Y = 0x0
ADDRESS_X = 0x2
VECTOR_BASE_X = 0x3
VECTOR_12 = 0x4
VECTOR_8 = 0x5
TIME_LOW = 0x6
CONTINUED_4 = 0x7
TIME_HIGH = 0x8
EXTERNAL_TRIGGER = 0xA
OTHERS = 0xE
CONTINUED_12 = 0xF

SIDE = 1 << 11
"""Pixels a row or column address can tell apart."""

_HIGH_UNIT_US = 1 << 12
_HIGH_UNITS = 1 << 12
_NOISE_UNITS = 10
"""Cameras send a high time up to this much too small now and then, with no wrap of the clock behind it."""
_LONGEST_GAP_US = (_HIGH_UNITS - _NOISE_UNITS - 1) * _HIGH_UNIT_US

_ADDRESS = 0x7FF
_POLARITY = 0x800


_UNKNOWN = 255


def _set_bits() -> NDArray[np.uint8]:
    """(4096, 12): the numbers of the bits set in each 12-bit payload, lowest first."""
    clear = np.arange(1 << 12)[:, None] >> np.arange(12) & 1 == 0
    return np.argsort(clear, axis=1, kind="stable").astype(np.uint8)


def _events_in() -> NDArray[np.uint8]:
    """(65536,): how many events each word stands for, `_UNKNOWN` for those of no known type."""
    bits_set = np.unpackbits(np.arange(1 << 12, dtype=">u2").view(np.uint8)).reshape(-1, 16).sum(axis=1)
    events = np.full((16, 1 << 12), _UNKNOWN, np.uint8)
    events[[ADDRESS_Y, VECTOR_BASE_X, TIME_LOW, CONTINUED_4, TIME_HIGH, EXTERNAL_TRIGGER, OTHERS, CONTINUED_12]] = 0
    events[ADDRESS_X] = 1
    events[VECTOR_12] = bits_set
    events[VECTOR_8] = bits_set[np.arange(1 << 12) & 0xFF]
    return events.reshape(-1)


_SET_BITS = _set_bits()
_EVENTS_IN = _events_in()


class _State(NamedTuple):
    """What one packet hands on to the next; -1 for what the stream has not said yet.

    high_us: time down to 4096 µs, wraps counted. now_us: full time. row: of the coming events. base_x, polarity: of
    the coming vector.
    """

    high_us: int
    now_us: int
    row: int
    base_x: int
    polarity: int


_NOTHING_KNOWN = _State(-1, -1, -1, -1, -1)


class Evt3Decoder:
    """Decodes one camera's stream, cut into packets anywhere between two words."""

    def __init__(self) -> None:
        self.restart()
        # Compiles, or loads what an earlier start compiled: not while the first packet waits.
        self.decode(np.zeros(0, np.uint8), is_bigendian=False, width=1, height=1)

    def forget(self) -> None:
        """Trust nothing but the clock's wraps: events count again once the stream has said their time and row."""
        self._state = _NOTHING_KNOWN

    def restart(self) -> None:
        """Begin another stream, whose clock may start anywhere."""
        self._state = _NOTHING_KNOWN
        self._newest_us = -1

    def decode(self, packet: NDArray[np.uint8], *, is_bigendian: bool, width: int, height: int) -> Events:
        """Events of one packet. Raises MessageError for half a word and for words that EVT3 does not have.

        Sensor time wraps every 2^24 µs; `t_us` counts on. It starts at the camera's own time modulo 2^24 µs. After an
        error call `forget`: what the refused packet said is missing.
        """
        check_size(width, height)
        if len(packet) % 2:
            raise MessageError(
                f"an EVT3 packet of {len(packet)} bytes ends within a 16-bit word",
                remedy="check the driver and the recording: part of the packet is missing",
            )
        words = packet.view(">u2" if is_bigendian else "<u2").astype(np.uint16, copy=False)
        words.flags.writeable = False  # a packet may be or not, and each would be compiled for itself
        number = _count(words, _EVENTS_IN)
        if number < 0:
            raise MessageError(
                f"word {-1 - number} of an EVT3 packet is of a type that EVT3 does not have",
                remedy="check that the camera sends EVT3 (not EVT2 or EVT2.1) and that the packet is whole",
            )
        x, y = np.empty(number, np.uint16), np.empty(number, np.uint16)
        t_us, p = np.empty(number, np.int64), np.empty(number, np.bool_)
        kept, self._newest_us, self._state = _decode(
            words, self._state, self._newest_us, width, height, _EVENTS_IN, _SET_BITS, x, y, t_us, p
        )
        return Events(x[:kept], y[:kept], t_us[:kept], p[:kept], width, height, dropped=number - kept)


def encode(
    x: NDArray[np.uint16], y: NDArray[np.uint16], t_us: NDArray[np.int64], p: NDArray[np.bool_]
) -> NDArray[np.uint8]:
    """Little-endian EVT3 packet of events, oldest first, that can be decoded without the packets before it.

    Raises MessageError for what EVT3 cannot say: pixels above 2047, times that run backwards or pause over 16 s.
    """
    if not len(x):
        return np.zeros(0, np.uint8)
    if x.max() >= SIDE or y.max() >= SIDE:
        raise MessageError("EVT3 has no pixels above 2047", remedy="use a sensor size of at most 2048×2048")
    gaps_us = np.diff(t_us)
    if (gaps_us < 0).any() or (gaps_us > _LONGEST_GAP_US).any():
        raise MessageError("EVT3 cannot say these times", remedy="sort the events by time, with no pause over 16 s")
    high, low = (t_us >> 12) & 0xFFF, t_us & 0xFFF
    new_high = np.diff(t_us >> 12, prepend=-1) != 0
    new_low = new_high | (np.diff(low, prepend=-1) != 0)
    new_row = np.diff(y.astype(np.int32), prepend=-1) != 0
    words = np.stack(
        (
            TIME_HIGH << 12 | high,
            TIME_LOW << 12 | low,
            ADDRESS_Y << 12 | y.astype(np.int64),
            ADDRESS_X << 12 | p.astype(np.int64) << 11 | x,
        ),
        axis=1,
    )
    sent = np.stack((new_high, new_low, new_row, np.ones(len(x), np.bool_)), axis=1)
    return np.asarray(words[sent], "<u2").view(np.uint8)


@compiled
def _count(words: NDArray[np.uint16], events_in: NDArray[np.uint8]) -> int:
    """Events in the words, or -1 - i when word i is of no known type."""
    number = 0
    for i in range(len(words)):
        in_word = events_in[words[i]]
        if in_word == _UNKNOWN:
            return -1 - i
        number += in_word
    return number


@compiled
def _decode(  # noqa: PLR0912, PLR0917 - one branch a word type; compiled code is called by position
    words: NDArray[np.uint16],
    state: _State,
    newest_us: int,
    width: int,
    height: int,
    events_in: NDArray[np.uint8],
    set_bits: NDArray[np.uint8],
    x: NDArray[np.uint16],
    y: NDArray[np.uint16],
    t_us: NDArray[np.int64],
    p: NDArray[np.bool_],
) -> tuple[int, int, _State]:
    """Fill x, y, t_us, p; return the number of events kept, the newest time and the state after the last word."""
    high_us, now_us, row, base_x, polarity = state
    kept = 0
    for i in range(len(words)):
        kind = words[i] >> 12
        payload = np.int64(words[i] & 0xFFF)
        if kind == ADDRESS_X:
            column = payload & _ADDRESS
            if now_us >= 0 and 0 <= row < height and column < width:
                x[kept], y[kept], t_us[kept], p[kept] = column, row, newest_us, payload & _POLARITY != 0
                kept += 1
        elif kind in (VECTOR_12, VECTOR_8):
            if base_x >= 0:
                if now_us >= 0 and 0 <= row < height:
                    for nth in range(events_in[words[i]]):
                        column = base_x + set_bits[payload, nth]
                        if column < width:
                            x[kept], y[kept], t_us[kept], p[kept] = column, row, newest_us, polarity != 0
                            kept += 1
                base_x += 12 if kind == VECTOR_12 else 8
        elif kind == ADDRESS_Y:
            row = payload & _ADDRESS
        elif kind == TIME_LOW:
            if high_us >= 0:
                now_us = high_us + payload
                newest_us = max(newest_us, now_us)
        elif kind == TIME_HIGH:
            high_us = _count_on(payload, high_us if high_us >= 0 else newest_us)
            if now_us >= 0:
                now_us = max(now_us, high_us)
                newest_us = max(newest_us, now_us)
        elif kind == VECTOR_BASE_X:
            base_x, polarity = payload & _ADDRESS, payload & _POLARITY
    return kept, newest_us, _State(high_us, now_us, row, base_x, polarity)


@compiled
def _count_on(high: int, before_us: int) -> int:
    """Time in µs of a 12-bit high time, counted on from an earlier time, or as it is when there is none (-1)."""
    if before_us < 0:
        return high * _HIGH_UNIT_US
    forward = (high - before_us // _HIGH_UNIT_US) % _HIGH_UNITS
    if forward >= _HIGH_UNITS - _NOISE_UNITS:
        forward -= _HIGH_UNITS
    return max(0, before_us // _HIGH_UNIT_US + forward) * _HIGH_UNIT_US
