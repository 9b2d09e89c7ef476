"""Messages as plain objects with the fields of the real ones, for tests that need no ROS."""

import zlib
from types import SimpleNamespace

import numpy as np

SECOND = 1_000_000_000


def header(stamp_ns: int, frame_id: str = "sensor") -> SimpleNamespace:
    sec, nanosec = divmod(stamp_ns, SECOND)
    return SimpleNamespace(stamp=SimpleNamespace(sec=sec, nanosec=nanosec), frame_id=frame_id)


def generator(*key: object) -> np.random.Generator:
    """Random numbers that are the same in every run for the same key."""
    return np.random.default_rng(zlib.crc32(repr(key).encode()))


def image_message(stamp_ns: int, *, seed: int | None = None, frame_id: str = "sensor", **changes: object):
    """A `sensor_msgs/Image` of noise, other noise at every stamp unless `seed` says which."""
    pixels = generator(stamp_ns if seed is None else seed).integers(0, 256, (48, 64, 3), np.uint8)
    fields = {"encoding": "rgb8", "height": 48, "width": 64, "step": 192, "is_bigendian": 0, "data": pixels.tobytes()}
    return SimpleNamespace(header=header(stamp_ns, frame_id), **{**fields, **changes})


def thermal_message(stamp_ns: int, **changes: object):
    """A `sensor_msgs/Image` of counts in centikelvin."""
    counts = generator(stamp_ns).integers(29_000, 31_000, (48, 64), np.uint16)
    fields = {"encoding": "mono16", "height": 48, "width": 64, "step": 128, "is_bigendian": 0, "data": counts.tobytes()}
    return SimpleNamespace(header=header(stamp_ns), **{**fields, **changes})


def audio_message(stamp_ns: int, *, duration_s: float = 0.1, rate_hz: int = 16_000):
    """An `audio_common_msgs/AudioDataStamped` of noise, 16-bit, one channel."""
    samples = (generator(stamp_ns).normal(size=round(duration_s * rate_hz)) * 3000).astype("<i2")
    return SimpleNamespace(header=header(stamp_ns), audio=SimpleNamespace(data=samples.tobytes()))
