"""Which library converts colours and decodes JPEG and PNG: the host's cv_bridge where it works, else OpenCV itself.

Layout, step and byte order are checked before (image_layout.py), because neither library checks them: cv_bridge reads
rows whose step is no whole number of pixels as if they were tight. Both get tight rows in native byte order and give
the same arrays. rosbags-image is not used: it knows neither step nor nv24, cuts 16-bit PNG to 8 bits, and asserts.
"""

import functools
import sys
from types import SimpleNamespace
from typing import Any, Protocol, cast

import cv2
import numpy as np
from numpy.typing import NDArray

Rgb = NDArray[np.uint8]


class ImageLibrary(Protocol):
    """What differs between the two libraries. Both raise whatever they raise; the caller makes a MessageError of it."""

    @property
    def name(self) -> str:
        """For the diagnostics."""

    def to_rgb(self, pixels: NDArray[np.generic], encoding: str) -> Rgb:
        """(H, W, 3) uint8 RGB of pixels whose encoding is of the kind grey, colour or bayer."""

    def decode(self, data: NDArray[np.uint8]) -> NDArray[np.generic] | None:
        """Pixels of a JPEG or PNG file, (H, W) or (H, W, C), grey, BGR or BGRA, uint8 or uint16; None if broken."""


@functools.cache
def image_library() -> ImageLibrary:
    """The host's cv_bridge when it can be imported and converts (it may be built for another NumPy), else OpenCV."""
    return cv_bridge_library() or OpenCvLibrary()


def cv_bridge_library() -> ImageLibrary | None:
    """The host's cv_bridge, tried out; None where there is none that works."""
    try:
        from cv_bridge import CvBridge  # noqa: PLC0415

        library = CvBridgeLibrary(CvBridge())
        library.to_rgb(np.zeros((2, 2, 3), dtype=np.uint8), "bgr8")
    except Exception:  # built for another NumPy it fails with anything from ImportError to SystemError
        return None
    return library


class OpenCvLibrary:
    """OpenCV directly."""

    name = "OpenCV"

    def to_rgb(self, pixels: NDArray[np.generic], encoding: str) -> Rgb:
        """(H, W, 3) uint8 RGB. 16-bit values become 8-bit by their full scale, value * 255 / 65535, rounded."""
        if encoding == "nv24":
            return _nv24_to_rgb(cast(Rgb, pixels))
        code = _TO_RGB[encoding.removesuffix("16").removesuffix("8")]
        rgb = pixels if code is None else cv2.cvtColor(cast(Rgb, pixels), code)
        return cast(Rgb, rgb if rgb.dtype == np.uint8 else cv2.convertScaleAbs(cast(Rgb, rgb), alpha=255 / 65535))

    def decode(self, data: NDArray[np.uint8]) -> NDArray[np.generic] | None:
        """Pixels of a JPEG or PNG file, None if broken; rotation asked for in EXIF is not applied."""
        return cast("NDArray[np.generic] | None", cv2.imdecode(data, cv2.IMREAD_UNCHANGED))


class CvBridgeLibrary:
    """cv_bridge, as apt installs it on a robot."""

    name = "cv_bridge"

    def __init__(self, bridge: Any) -> None:
        self._bridge = bridge
        self._opencv = OpenCvLibrary()

    def to_rgb(self, pixels: NDArray[np.generic], encoding: str) -> Rgb:
        """(H, W, 3) uint8 RGB. The planar encodings cv_bridge does not know go through OpenCV."""
        if encoding in ("nv12", "nv21", "nv24"):
            return self._opencv.to_rgb(pixels, encoding)
        tight = np.ascontiguousarray(pixels)
        message = SimpleNamespace(
            height=tight.shape[0],
            width=tight.shape[1],
            encoding={"uyvy": "yuv422", "yuyv": "yuv422_yuy2"}.get(encoding, encoding),
            is_bigendian=sys.byteorder == "big",
            step=tight.strides[0],
            data=tight.data,
        )
        return cast(Rgb, self._bridge.imgmsg_to_cv2(message, desired_encoding="rgb8"))

    def decode(self, data: NDArray[np.uint8]) -> NDArray[np.generic] | None:
        """Pixels of a JPEG or PNG file, None if broken."""
        message = SimpleNamespace(data=np.ascontiguousarray(data))
        return cast("NDArray[np.generic] | None", self._bridge.compressed_imgmsg_to_cv2(message))


# OpenCV names a Bayer pattern by the second and third pixel of its second row, ROS by the first two rows
_TO_RGB: dict[str, int | None] = {
    "rgb": None,
    "bgr": cv2.COLOR_BGR2RGB,
    "rgba": cv2.COLOR_RGBA2RGB,
    "bgra": cv2.COLOR_BGRA2RGB,
    "mono": cv2.COLOR_GRAY2RGB,
    "bayer_rggb": cv2.COLOR_BayerBG2RGB,
    "bayer_bggr": cv2.COLOR_BayerRG2RGB,
    "bayer_gbrg": cv2.COLOR_BayerGR2RGB,
    "bayer_grbg": cv2.COLOR_BayerGB2RGB,
    "uyvy": cv2.COLOR_YUV2RGB_UYVY,
    "yuv422": cv2.COLOR_YUV2RGB_UYVY,
    "yuyv": cv2.COLOR_YUV2RGB_YUY2,
    "yuv422_yuy2": cv2.COLOR_YUV2RGB_YUY2,
    "nv12": cv2.COLOR_YUV2RGB_NV12,
    "nv21": cv2.COLOR_YUV2RGB_NV21,
}

# ITU-R BT.601, limited range, as OpenCV converts the other YUV encodings
_YUV_TO_RGB = np.array([[1.164, 0.0, 1.596], [1.164, -0.391, -0.813], [1.164, 2.018, 0.0]])
_YUV_MATRIX = np.column_stack((_YUV_TO_RGB, _YUV_TO_RGB @ [-16.0, -128.0, -128.0]))


def _nv24_to_rgb(planes: Rgb) -> Rgb:
    height = planes.shape[0] // 3
    luma = planes[:height]
    chroma = planes[height:].reshape(height, planes.shape[1], 2)
    return cast(Rgb, cv2.transform(np.dstack((luma, chroma)), _YUV_MATRIX))
