"""Arrays to the messages real drivers send: for the simulator, and for playing recordings."""

import array
from typing import Any

import numpy as np
from audio_common_msgs.msg import AudioDataStamped
from event_camera_msgs.msg import EventPacket
from numpy.typing import NDArray
from sensor_msgs.msg import Image, PointCloud2, PointField
from std_msgs.msg import String

from omnibind_ros.messages.header import set_header

_FLOAT32 = 7  # sensor_msgs/PointField datatype


def image_message(pixels: NDArray[Any], encoding: str, stamp_ns: int, frame_id: str) -> Image:
    """`sensor_msgs/Image` of (H, W) or (H, W, C) pixels in the encoding they already have."""
    message = Image(
        height=pixels.shape[0],
        width=pixels.shape[1],
        encoding=encoding,
        is_bigendian=0,
        step=pixels.nbytes // pixels.shape[0],
    )
    _fill(message, pixels)
    set_header(message, stamp_ns, frame_id)
    return message


def audio_message(samples: NDArray[np.float32], stamp_ns: int, frame_id: str) -> AudioDataStamped:
    """`audio_common_msgs/AudioDataStamped` with samples (N,) in [-1, 1] as 16-bit little-endian PCM."""
    message = AudioDataStamped()
    message.audio.data = array.array("B", (np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
    set_header(message, stamp_ns, frame_id)
    return message


def points_message(xyz_N3: NDArray[np.float32], stamp_ns: int, frame_id: str) -> PointCloud2:
    """`sensor_msgs/PointCloud2` with x, y and z in metres."""
    message = PointCloud2(
        height=1,
        width=len(xyz_N3),
        fields=[PointField(name=name, offset=4 * i, datatype=_FLOAT32, count=1) for i, name in enumerate("xyz")],
        is_bigendian=False,
        point_step=12,
        row_step=12 * len(xyz_N3),
        is_dense=True,
    )
    _fill(message, xyz_N3.astype("<f4", copy=False))
    set_header(message, stamp_ns, frame_id)
    return message


def events_message(evt3: bytes, *, width: int, height: int, sequence: int, stamp_ns: int, frame_id: str) -> EventPacket:
    """`event_camera_msgs/EventPacket` of an EVT3 bit stream."""
    message = EventPacket(width=width, height=height, seq=sequence, time_base=0, encoding="evt3", is_bigendian=False)
    message.events = array.array("B", evt3)
    set_header(message, stamp_ns, frame_id)
    return message


def text_message(text: str) -> String:
    """`std_msgs/String`."""
    return String(data=text)


def _fill(message: Any, values: NDArray[Any]) -> None:
    # Assigning an array.array made with frombytes is one copy; an ndarray or a list costs thousands of times that.
    data = array.array("B")
    data.frombytes(np.ascontiguousarray(values).tobytes())
    message.data = data
