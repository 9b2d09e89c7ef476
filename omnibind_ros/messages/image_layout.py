"""`sensor_msgs/Image` to its pixels as they lie in the message: a checked view, copied only for foreign byte order."""

import operator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omnibind_ros.errors import MessageError
from omnibind_ros.messages.image_encoding import YUV_422, Encoding, encoding_named

MAXIMUM_PIXELS = 2**26
"""Frames of more pixels (8192 x 8192) are refused before anything is allocated for them."""

_DRIVER = "correct the driver that publishes it"


def pixels_of(message: Any) -> tuple[NDArray[np.generic], Encoding]:
    """Pixels of an Image message and their encoding.

    Returns (H, W) or (H, W, C) of the encoding's dtype in native byte order, a view of `message.data` wherever its
    byte order allows; nv12 and nv21 as (H * 3 / 2, W), nv24 as (3 * H, W). Rows may be padded, so it may not be
    contiguous. Raises MessageError when the fields do not fit each other or the data.
    """
    encoding = encoding_named(str(message.encoding))
    height, width, step = (whole_number(message, name) for name in ("height", "width", "step"))
    require_size(height, width)
    _require_even(encoding, height, width)
    row_bytes = width * encoding.channels * encoding.dtype.itemsize
    if step < row_bytes:
        raise MessageError(
            f"step {step} is shorter than a row of {width} {encoding.name} pixels, {row_bytes} bytes",
            remedy=f"set step to {row_bytes}, or correct width or encoding in the driver",
        )
    rows = {"packed": height, "nv12": height * 3 // 2, "nv24": height * 3}[encoding.planes]
    data = bytes_of(getattr(message, "data", None))
    if data.size != step * rows:
        raise MessageError(
            f"{data.size} bytes of data, but {width} x {height} {encoding.name} with step {step} has {step * rows}",
            remedy=f"{_DRIVER}: the message is cut short, overlong or wrongly labelled",
        )
    if encoding.planes == "nv24":
        return _nv24(data, height, width, step), encoding
    row_data = data.reshape(rows, step)[:, :row_bytes]
    return _values(row_data, encoding, bool(message.is_bigendian)), encoding


def bytes_of(data: Any) -> NDArray[np.uint8]:
    """(N,) uint8 view of a message's data: array.array, bytes, memoryview, ndarray; a list is copied.

    Raises MessageError for anything that is not bytes.
    """
    try:
        if isinstance(data, list):
            return np.frombuffer(bytes(data), dtype=np.uint8)
        view = memoryview(data)
        if view.itemsize != 1:
            raise TypeError(f"items of {view.itemsize} bytes")
        return np.frombuffer(view, dtype=np.uint8)
    except (TypeError, ValueError, BufferError) as error:
        raise MessageError(f"the data of the message is not a row of bytes: {error}", remedy=_DRIVER) from error


def require_size(height: int, width: int) -> None:
    """Raise MessageError for a frame without pixels or with more than `MAXIMUM_PIXELS`."""
    if height < 1 or width < 1:
        raise MessageError(f"the image is {width} x {height} pixels", remedy="check that the camera streams")
    if height * width > MAXIMUM_PIXELS:
        raise MessageError(
            f"the image says it is {width} x {height} pixels, more than {MAXIMUM_PIXELS}",
            remedy="publish a smaller image, or correct width and height in the driver",
        )


def whole_number(message: Any, field: str) -> int:
    """A message's integer field. Raises MessageError when it is something else."""
    try:
        return operator.index(getattr(message, field))
    except (TypeError, AttributeError) as error:
        raise MessageError(f"the message has no integer {field}", remedy=_DRIVER) from error


def _require_even(encoding: Encoding, height: int, width: int) -> None:
    halves_rows = encoding.planes == "nv12" and height % 2
    halves_columns = (encoding.planes == "nv12" or encoding.name in YUV_422) and width % 2
    if halves_rows or halves_columns:
        raise MessageError(
            f"{width} x {height} pixels cannot be {encoding.name}, whose pixels share colour in pairs", remedy=_DRIVER
        )


def _values(row_data: NDArray[np.uint8], encoding: Encoding, big_endian: bool) -> NDArray[np.generic]:
    dtype = encoding.dtype.newbyteorder(">" if big_endian else "<")
    if row_data.strides[0] % dtype.itemsize:
        # OpenCV takes no rows that begin at a fraction of a value
        row_data = np.ascontiguousarray(row_data)
    values: NDArray[np.generic] = row_data.view(dtype).astype(encoding.dtype, copy=False)
    return values if encoding.channels == 1 else values.reshape(len(values), -1, encoding.channels)


def _nv24(data: NDArray[np.uint8], height: int, width: int, step: int) -> NDArray[np.uint8]:
    """A row of chroma has two values a pixel, so it takes two steps."""
    if step == width:
        return data.reshape(3 * height, width)
    luma = data[: height * step].reshape(height, step)[:, :width]
    chroma = data[height * step :].reshape(height, 2 * step)[:, : 2 * width]
    return np.concatenate((luma, chroma.reshape(2 * height, width)))
