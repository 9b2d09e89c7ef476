"""Messages that are serialised once and sent many times: only the stamp changes, in place."""

import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rclpy.serialization import serialize_message

from omnibind_ros.messages.header import NANOSECONDS

# Little-endian CDR: four bytes of encapsulation, then the stamp of the header, if the message has one.
_STAMP, _STAMP_AT = struct.Struct("<iI"), 4
_TIME_HIGH, _TIME_HIGH_BITS = 0x8000, 12
TIME_HIGH_US = 1 << _TIME_HIGH_BITS
"""The unit of EVT3's upper time words."""


class SerialisedMessage:
    """A message with whatever stamp is asked for."""

    def __init__(self, message: Any) -> None:
        self._buffer = bytearray(serialize_message(message))
        self._has_stamp = hasattr(message, "header")

    def at(self, stamp_ns: int, number: int) -> bytes:
        """The message with this stamp; the running number is for messages that have one."""
        if self._has_stamp:
            _STAMP.pack_into(self._buffer, _STAMP_AT, *divmod(stamp_ns, NANOSECONDS))
        return bytes(self._buffer)


class SerialisedEvents(SerialisedMessage):
    """A packet of EVT3 events out of a loop; in each round its events are later, and it has another number.

    Args:
        message: An `event_camera_msgs/EventPacket` whose `seq` is its place in the loop.
        packets: How many packets the loop has.
        loop_us: How long it lasts, a multiple of `TIME_HIGH_US`.
    """

    def __init__(self, message: Any, *, packets: int, loop_us: int) -> None:
        super().__init__(message)
        self._packets = packets
        self._loop_high = loop_us >> _TIME_HIGH_BITS
        marked = type(message)(header=message.header, seq=2**64 - 1)
        self._number_at = bytes(serialize_message(marked)).index(b"\xff" * 8)
        events = bytes(message.events)
        start = bytes(self._buffer).index(events)
        self._words: NDArray[np.uint16] = np.frombuffer(self._buffer, "<u2", len(events) // 2, start)
        self._high_at = np.flatnonzero(self._words >> _TIME_HIGH_BITS == _TIME_HIGH >> _TIME_HIGH_BITS)
        self._high = self._words[self._high_at] & 0xFFF

    def at(self, stamp_ns: int, number: int) -> bytes:
        """The packet with this stamp, as the `number`-th of the stream."""
        later = number // self._packets * self._loop_high
        self._words[self._high_at] = _TIME_HIGH | (self._high + later & 0xFFF)
        struct.pack_into("<Q", self._buffer, self._number_at, number)
        return super().at(stamp_ns, number)
