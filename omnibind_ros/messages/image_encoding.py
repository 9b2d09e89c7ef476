"""The names `sensor_msgs/Image` gives to pixel layouts, and what each means in memory."""

import re
from dataclasses import dataclass
from typing import Literal

import numpy as np

from omnibind_ros.errors import MessageError

Kind = Literal["grey", "colour", "bayer", "numbers"]
Planes = Literal["packed", "nv12", "nv24"]


@dataclass(frozen=True, slots=True)
class Encoding:
    """One pixel layout.

    name: of `sensor_msgs/image_encodings`. dtype: of one value, native byte order. channels: values per pixel of a
    packed layout, 1 for planes. kind: `grey` and `colour` have a known full scale, `numbers` (depth, counts, degrees)
    have none. planes: `nv12` and `nv24` are a luma plane, then interleaved chroma of a quarter or of full resolution.
    """

    name: str
    dtype: np.dtype[np.generic]
    channels: int
    kind: Kind
    planes: Planes = "packed"


def encoding_named(name: str) -> Encoding:
    """Layout of an encoding's name. Raises MessageError for a name that stands for none."""
    known = _KNOWN.get(name)
    if known is not None:
        return known
    generic = _GENERIC.fullmatch(name)
    if generic is None:
        raise MessageError(
            f"unknown image encoding {name[:40]!r}",
            remedy="publish an encoding of sensor_msgs/image_encodings such as rgb8, bgr8, mono8, mono16, 32FC1",
        )
    depth, channels = generic.groups(default="1")
    return Encoding(name, _DEPTHS[depth], int(channels), "numbers")


_GENERIC = re.compile("(8U|8S|16U|16S|32S|32F|64F)(?:C([1-4]))?")
_DEPTHS: dict[str, np.dtype[np.generic]] = {
    "8U": np.dtype(np.uint8),
    "8S": np.dtype(np.int8),
    "16U": np.dtype(np.uint16),
    "16S": np.dtype(np.int16),
    "32S": np.dtype(np.int32),
    "32F": np.dtype(np.float32),
    "64F": np.dtype(np.float64),
}


def _known() -> dict[str, Encoding]:
    encodings = []
    for depth, bits in ((_DEPTHS["8U"], 8), (_DEPTHS["16U"], 16)):
        encodings.append(Encoding(f"mono{bits}", depth, 1, "grey"))
        encodings += [Encoding(f"{order}{bits}", depth, 3, "colour") for order in ("rgb", "bgr")]
        encodings += [Encoding(f"{order}{bits}", depth, 4, "colour") for order in ("rgba", "bgra")]
        encodings += [
            Encoding(f"bayer_{pattern}{bits}", depth, 1, "bayer") for pattern in ("rggb", "bggr", "gbrg", "grbg")
        ]
    byte = _DEPTHS["8U"]
    # yuv422 and yuv422_yuy2 are the older names of uyvy and yuyv; nv12 is no name of Jazzy's, but drivers publish it
    encodings += [Encoding(name, byte, 2, "colour") for name in ("uyvy", "yuv422", "yuyv", "yuv422_yuy2")]
    encodings += [Encoding(name, byte, 1, "colour", "nv12") for name in ("nv12", "nv21")]
    encodings.append(Encoding("nv24", byte, 1, "colour", "nv24"))
    by_name = {encoding.name: encoding for encoding in encodings}
    # OpenCV's names with an order of channels that is OpenCV's own
    for generic, meaning in (
        ("8U", "mono8"),
        ("8UC1", "mono8"),
        ("8UC3", "bgr8"),
        ("8UC4", "bgra8"),
        ("16UC3", "bgr16"),
        ("16UC4", "bgra16"),
    ):
        by_name[generic] = by_name[meaning]
    return by_name


_KNOWN = _known()
YUV_422 = ("uyvy", "yuv422", "yuyv", "yuv422_yuy2")
