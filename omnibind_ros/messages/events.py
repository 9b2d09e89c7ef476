"""`event_camera_msgs/EventPacket` → events.

EVT3 and mono are decoded here; other encodings (`libcaer`, `libcaer_cmp`) by `event_camera_py` where it is installed.
"""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omnibind_ros.errors import MessageError
from omnibind_ros.messages.event_array import Events
from omnibind_ros.messages.evt3 import Evt3Decoder
from omnibind_ros.messages.mono_events import decode_mono
from omnibind_ros.messages.other_events import OtherEventDecoder

__all__ = ["EventDecoder", "Events"]


class EventDecoder:
    """Decodes one event camera's packets in the order they arrive; holds what EVT3 carries from one to the next."""

    def __init__(self) -> None:
        self._encoding: str | None = None
        self._sequence: int | None = None
        self._evt3 = Evt3Decoder()
        self._other: OtherEventDecoder | None = None

    def decode(self, message: Any) -> Events:
        """Events of one packet; `lost` counts the packets missing before it, by the driver's sequence numbers.

        message: fields height, width, seq, time_base, encoding, is_bigendian, events. After a gap nothing is taken over
        from the packets before it. A sequence number smaller than the last one means that the driver was started anew.

        Raises MessageError for a packet that cannot be decoded; the next one is decoded as after a gap.
        """
        try:
            return self._decode(message)
        except MessageError:
            self._evt3.forget()
            raise

    def _decode(self, message: Any) -> Events:
        try:
            encoding, width, height = str(message.encoding), int(message.width), int(message.height)
            sequence, time_base_ns = int(message.seq), int(message.time_base)
            is_bigendian = bool(message.is_bigendian)
            packet = _bytes_of(message.events)
        except (AttributeError, TypeError, ValueError, OverflowError, BufferError) as error:
            raise MessageError(
                f"not an event packet: {error}", remedy="give the source a topic of event_camera_msgs/msg/EventPacket"
            ) from error
        lost = self._lost_before(sequence)
        self._note(encoding)
        if encoding == "evt3":
            events = self._evt3.decode(packet, is_bigendian=is_bigendian, width=width, height=height)
        elif encoding == "mono":
            events = decode_mono(
                packet, is_bigendian=is_bigendian, time_base_ns=time_base_ns, width=width, height=height
            )
        else:
            self._other = self._other or OtherEventDecoder(encoding)
            events = self._other.decode(packet, time_base_ns=time_base_ns, width=width, height=height)
        return replace(events, lost=lost) if lost else events

    def _lost_before(self, sequence: int) -> int:
        # Some drivers and simulators leave the number as it is.
        expected = sequence if self._sequence in (None, sequence) else self._sequence + 1
        self._sequence = sequence
        if sequence < expected:
            self._evt3.restart()
            self._other = None
        elif sequence > expected:
            self._evt3.forget()
        return max(0, sequence - expected)

    def _note(self, encoding: str) -> None:
        before, self._encoding = self._encoding, encoding
        if before not in (None, encoding):
            self._evt3.restart()
            self._other = None
            raise MessageError(
                f"the encoding of the event packets changed from `{before}` to `{encoding}`",
                remedy="have one driver publish on the topic, with one encoding",
            )


def _bytes_of(field: Any) -> NDArray[np.uint8]:
    """A message's uint8[] field as an array, without a copy unless it is a list."""
    view = memoryview(bytes(field) if isinstance(field, (list, tuple)) else field)
    if view.itemsize != 1 or view.ndim != 1:
        raise ValueError("`events` is not a sequence of bytes")
    return np.asarray(view).view(np.uint8)
