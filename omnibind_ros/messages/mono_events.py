"""The `mono` encoding of event packets: one little- or big-endian 64-bit word an event.

Bit 63 is the polarity (1 = brighter), bits 48-62 are y, 32-47 x, 0-31 the nanoseconds after the packet's `time_base`
(event_camera_msgs, github.com/ros-event-camera/event_camera_msgs).
"""

import numpy as np
from numpy.typing import NDArray

from omnibind_ros.errors import MessageError
from omnibind_ros.messages.event_array import Events, check_size

_LATEST_NS = 1 << 62


def decode_mono(packet: NDArray[np.uint8], *, is_bigendian: bool, time_base_ns: int, width: int, height: int) -> Events:
    """Events of one packet. Raises MessageError for part of a word and for times that run backwards."""
    check_size(width, height)
    if len(packet) % 8:
        raise MessageError(
            f"a mono event packet of {len(packet)} bytes ends within a 64-bit word",
            remedy="check the driver and the recording: part of the packet is missing",
        )
    if not 0 <= time_base_ns < _LATEST_NS:
        raise MessageError(
            f"a mono event packet with the time base {time_base_ns} ns", remedy="have the driver fill in time_base"
        )
    words = packet.view(">u8" if is_bigendian else "<u8")
    x = (words >> 32 & 0xFFFF).astype(np.uint16)
    y = (words >> 48 & 0x7FFF).astype(np.uint16)
    t_us = ((words & 0xFFFFFFFF).astype(np.int64) + time_base_ns) // 1000
    p = words >> 63 != 0
    inside = (x < width) & (y < height)
    return Events(x[inside], y[inside], t_us[inside], p[inside], width, height, dropped=int(np.sum(~inside)))
