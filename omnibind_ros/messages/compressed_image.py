"""`sensor_msgs/CompressedImage` to pixels: JPEG and PNG as image_transport publishes them, compressedDepth included."""

import io
import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from omnibind_ros.errors import MessageError
from omnibind_ros.messages.image_encoding import Encoding, encoding_named
from omnibind_ros.messages.image_layout import bytes_of, require_size
from omnibind_ros.messages.image_library import image_library

_STORED = {
    ("uint8", 1): "mono8",
    ("uint8", 3): "bgr8",
    ("uint8", 4): "bgra8",
    ("uint16", 1): "mono16",
    ("uint16", 3): "bgr16",
    ("uint16", 4): "bgra16",
}


def decompressed_pixels_of(message: Any) -> tuple[NDArray[np.generic], Encoding]:
    """Pixels of a CompressedImage message and their encoding.

    `format` is `jpeg` or `png`, or image_transport's `<encoding>; jpeg compressed <stored encoding>`, whose first word
    says what the pixels meant before they were compressed. Returns (H, W) or (H, W, C) uint8 or uint16; float32 for a
    compressedDepth of 32FC1. Raises MessageError for data that is cut short, damaged, too large or of another format.
    """
    data = bytes_of(getattr(message, "data", None))
    image_format = str(message.format)
    source, separator, stored_as = image_format.partition(";")
    if "compressedDepth" in stored_as:
        return _compressed_depth(data, source.strip(), stored_as)
    pixels = _decode(data)
    stored = _stored_encoding(pixels)
    return pixels, _meaning(stored, source.strip(), stored_as) if separator else stored


def _decode(data: NDArray[np.uint8]) -> NDArray[np.generic]:
    height, width = _checked_header(data)
    try:
        pixels = image_library().decode(data)
    except Exception as error:
        raise _damaged(str(error)) from error
    if pixels is None or pixels.shape[:2] != (height, width):
        raise _damaged("it does not decode")
    return pixels


def _checked_header(data: NDArray[np.uint8]) -> tuple[int, int]:
    """Height and width the file claims, checked without decoding. Raises MessageError before a bomb can unpack."""
    raw = data.tobytes()
    try:
        with Image.open(io.BytesIO(raw), formats=("JPEG", "PNG")) as header:
            width, height = header.size
            # every chunk of a PNG and its checksum; OpenCV allocates whatever a broken chunk claims as its length
            header.verify()
    except Image.DecompressionBombError as error:
        raise MessageError(f"the compressed image is too large: {error}", remedy="publish a smaller image") from error
    except UnidentifiedImageError as error:
        raise MessageError(
            "the compressed image is neither JPEG nor PNG, or its header is damaged",
            remedy="set the publisher's compressed format to jpeg or png; check the link if it is already",
        ) from error
    except Exception as error:
        raise _damaged(str(error)) from error
    require_size(height, width)
    if raw.startswith(b"\xff\xd8"):
        _require_whole_jpeg(raw, height * width)
    return height, width


def _require_whole_jpeg(raw: bytes, pixels: int) -> None:
    """Decoders fill what is missing of a JPEG with grey, silently; so look for it before."""
    # a block of 8 x 8 pixels takes a bit at the very least; the end marker has to follow the last scan
    if pixels > 512 * len(raw) or raw.rfind(b"\xff\xd9") <= raw.rfind(b"\xff\xda"):
        raise _damaged("a part of it is missing")


def _damaged(problem: str) -> MessageError:
    return MessageError(
        f"the compressed image is damaged: {problem[:120]}",
        remedy="check the link, and that the message is not larger than the transport allows",
    )


def _stored_encoding(pixels: NDArray[np.generic]) -> Encoding:
    channels = 1 if pixels.ndim == 2 else pixels.shape[2]
    name = _STORED.get((pixels.dtype.name, channels))
    if name is None:
        raise _damaged(f"it holds {channels} channels of {pixels.dtype.name}")
    return encoding_named(name)


def _meaning(stored: Encoding, source: str, stored_as: str) -> Encoding:
    """What stored pixels mean, given what image_transport says they were made of."""
    original = encoding_named(source)
    bits = 8 * stored.dtype.itemsize
    if stored.channels == 1:
        if original.kind == "bayer":
            return encoding_named(f"{original.name.rstrip('0123456789')}{bits}")
        if original.dtype.itemsize > stored.dtype.itemsize:
            raise MessageError(
                f"{source} was compressed to {bits} bits, so its values are lost",
                remedy="set the publisher's compressed format to png",
            )
        return original if original.dtype == stored.dtype and original.channels == 1 else stored
    if original.kind == "colour" and "compressed bgr" not in stored_as:
        # the publisher handed its RGB to the encoder as if it were BGR
        return encoding_named(f"{'rgb' if stored.channels == 3 else 'rgba'}{bits}")
    return stored


def _compressed_depth(data: NDArray[np.uint8], source: str, stored_as: str) -> tuple[NDArray[np.generic], Encoding]:
    """compressedDepth: 12 bytes of settings and a 16-bit PNG; 32FC1 holds inverse depth, a / (value - b), 0 = none."""
    encoding = encoding_named(source)
    if "rvl" in stored_as or source not in ("16UC1", "mono16", "32FC1"):
        raise MessageError(
            f"compressedDepth of {source}{stored_as[:40]} cannot be read",
            remedy="set the publisher's compressedDepth format to png, for 16UC1 or 32FC1 images",
        )
    if data.size < 12:
        raise _damaged("its end is missing")
    values = _decode(data[12:])
    if values.dtype != np.uint16 or values.ndim != 2:
        raise _damaged("its PNG is not one channel of 16 bits")
    if source != "32FC1":
        return values, encoding
    _, a, b = struct.unpack("<iff", data[:12].tobytes())
    with np.errstate(all="ignore"):
        depth = np.where(values == 0, np.nan, a / (values.astype(np.float32) - np.float32(b)))
    return depth.astype(np.float32), encoding
