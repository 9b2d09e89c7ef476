"""Encodings of event packets that the ROS package `event_camera_py` decodes: `libcaer`, `libcaer_cmp` and others."""

from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omnibind_ros.errors import MessageError
from omnibind_ros.messages.event_array import Events, check_size

_HALF_WRAP = 1 << 31


class OtherEventDecoder:
    """Decodes one camera's packets of one encoding. Raises MessageError where `event_camera_py` is missing."""

    def __init__(self, encoding: str) -> None:
        self._encoding = encoding
        self._decoder: Any = _event_camera_decoder(encoding)
        self._newest_us = 0

    def decode(self, packet: NDArray[np.uint8], *, time_base_ns: int, width: int, height: int) -> Events:
        """Events of one packet. Raises MessageError for what `event_camera_py` refuses.

        `t_us` counts on where that decoder's 32-bit microseconds wrap, and starts where it starts.
        """
        check_size(width, height)
        try:
            self._decoder.decode_bytes(self._encoding, width, height, time_base_ns, packet.tobytes())
        except (RuntimeError, TypeError, ValueError) as error:
            raise MessageError(
                f"event_camera_py cannot decode the encoding `{self._encoding}`: {error}",
                remedy="have the camera driver send `evt3`, or update event_camera_py",
            ) from error
        decoded = self._decoder.get_cd_events()
        t_us = self._count_on(decoded["t"])
        x, y, p = decoded["x"].astype(np.uint16), decoded["y"].astype(np.uint16), decoded["p"] > 0
        inside = (x < width) & (y < height)
        return Events(x[inside], y[inside], t_us[inside], p[inside], width, height, dropped=int(np.sum(~inside)))

    def _count_on(self, wrapping_us: NDArray[np.int32]) -> NDArray[np.int64]:
        """Times that count on over wraps of 32 bits, and stand still where the camera's clock steps back."""
        if not len(wrapping_us):
            return np.zeros(0, np.int64)
        first_step = (int(wrapping_us[0]) - self._newest_us + _HALF_WRAP) % (2 * _HALF_WRAP) - _HALF_WRAP
        steps = np.diff(wrapping_us.astype(np.int32), prepend=wrapping_us[:1]).astype(np.int64)
        t_us = np.maximum.accumulate(np.maximum(self._newest_us + first_step + np.cumsum(steps), self._newest_us))
        self._newest_us = int(t_us[-1])
        return t_us


def _event_camera_decoder(encoding: str) -> Any:
    try:
        return import_module("event_camera_py").Decoder()
    except ImportError as error:
        raise MessageError(
            f"event packets are encoded as `{encoding}`",
            remedy="install ros-$ROS_DISTRO-event-camera-py, or have the driver send `evt3`",
        ) from error
