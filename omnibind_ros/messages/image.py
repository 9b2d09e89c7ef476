"""`sensor_msgs/Image` and `CompressedImage` to arrays: RGB frames for cameras, intensities for thermal cameras."""

from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from omnibind_ros.errors import MessageError
from omnibind_ros.messages.compressed_image import decompressed_pixels_of
from omnibind_ros.messages.image_encoding import Encoding
from omnibind_ros.messages.image_layout import pixels_of
from omnibind_ros.messages.image_library import image_library

_SMALLEST_MOSAIC = 3
_GREY_TOLERANCE = 8


def rgb_from_image(message: Any) -> NDArray[np.uint8]:
    """Colours of an Image or CompressedImage message, (H, W, 3) uint8 RGB.

    Takes every grey, colour, Bayer and YUV encoding. 16-bit grey and colour become 8-bit by their full scale,
    value * 255 / 65535, rounded. Alpha is dropped. 8UC1, 8UC3 and 8UC4 are read in OpenCV's order (grey, BGR, BGRA).
    rgb8 is returned as a view of the message's data. Raises MessageError for a malformed message, and for encodings
    without a full scale (16UC1, 32FC1: depth, counts, degrees), which have no colour to show.
    """
    pixels, encoding = _pixels(message)
    if encoding.kind == "numbers":
        raise MessageError(
            f"{encoding.name} holds numbers without a full scale, not colours",
            remedy="configure this topic as a thermal source, or publish mono16, mono8 or rgb8",
        )
    return _rgb(pixels, encoding)


def intensity_from_image(message: Any) -> NDArray[np.uint8] | NDArray[np.uint16] | NDArray[np.float32]:
    """Values of a one-channel Image or CompressedImage message, (H, W) uint8, uint16 or float32, never rescaled.

    8 and 16 bits unsigned keep their dtype and are views of the message's data; signed and float encodings become
    float32, NaN and infinity included. An 8-bit colour image whose channels agree is taken as grey; one whose channels
    differ is false colour and is refused, as no rule brings its temperatures back.
    Raises MessageError for a malformed message and for encodings without one intensity per pixel.
    """
    pixels, encoding = _pixels(message)
    if encoding.kind == "colour" and encoding.dtype == np.uint8:
        return _grey(_rgb(pixels, encoding))
    if encoding.kind in ("colour", "bayer") or encoding.channels != 1 or encoding.dtype == np.int32:
        raise MessageError(
            f"{encoding.name} does not hold one intensity per pixel",
            remedy="publish mono8, mono16, 16UC1 or 32FC1",
        )
    if encoding.dtype in (np.uint8, np.uint16):
        return cast("NDArray[np.uint8] | NDArray[np.uint16]", pixels)
    with np.errstate(over="ignore"):
        return pixels.astype(np.float32, copy=False)


def _pixels(message: Any) -> tuple[NDArray[np.generic], Encoding]:
    if hasattr(message, "format"):
        return decompressed_pixels_of(message)
    if hasattr(message, "encoding"):
        return pixels_of(message)
    raise MessageError(
        f"a {type(message).__name__} is no image",
        remedy="configure a topic of sensor_msgs/Image or sensor_msgs/CompressedImage for this source",
    )


def _rgb(pixels: NDArray[np.generic], encoding: Encoding) -> NDArray[np.uint8]:
    if encoding.name == "rgb8":
        return cast(NDArray[np.uint8], pixels)
    if encoding.kind == "bayer" and min(pixels.shape) < _SMALLEST_MOSAIC:
        raise MessageError(
            f"a Bayer image of {pixels.shape[1]} x {pixels.shape[0]} pixels has no full colour anywhere",
            remedy=f"publish at least {_SMALLEST_MOSAIC} x {_SMALLEST_MOSAIC} pixels",
        )
    try:
        return image_library().to_rgb(pixels, encoding.name)
    except Exception as error:
        raise MessageError(
            f"{image_library().name} cannot convert {encoding.name}: {error}",
            remedy="publish rgb8, bgr8 or mono8",
        ) from error


def _grey(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    red, green, blue = (rgb[..., channel].astype(np.int16) for channel in range(3))
    if max(int(np.abs(red - green).max()), int(np.abs(blue - green).max())) > _GREY_TOLERANCE:
        raise MessageError(
            "the thermal image is in false colour, which no rule turns back into temperatures",
            remedy="ask the driver for its raw stream (mono16, 16UC1) or a grey palette (mono8)",
        )
    return rgb[..., 1]
