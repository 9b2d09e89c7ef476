"""Radiometric JPEG files of FLIR's thermal cameras: a coloured preview with the sensor's counts beside it.

The counts and the camera's constants lie in records of a `FFF` file, which is cut up into the JPEG's APP1 segments; as
ExifTool documents it (https://exiftool.org/TagNames/FLIR.html).
"""

import struct

import cv2
import numpy as np
from numpy.typing import NDArray

from omnibind_ros.errors import MessageError

_SEGMENT = b"FLIR\0"
_COUNTS, _CAMERA = 0x01, 0x20
_HEADER_BYTES = 32


def kelvin_of_radiometric_jpeg(content: bytes) -> NDArray[np.float32] | None:
    """Apparent temperature (H, W) float32, kelvin, of a black body; None for a JPEG without thermal counts.

    Planck's law with the camera's constants: T = B / ln(R1 / (R2 (counts + O)) + F). Raises MessageError for damage.
    """
    records = _records(_fff(content))
    if _COUNTS not in records or _CAMERA not in records:
        return None
    try:
        counts = _counts(records[_COUNTS])
        r1, b, f = struct.unpack_from("<fff", records[_CAMERA], 0x58)
        o, r2 = struct.unpack_from("<if", records[_CAMERA], 0x308)
    except (struct.error, ValueError, cv2.error) as error:
        raise MessageError("its thermal counts are damaged", remedy="take it out of the index") from error
    with np.errstate(all="ignore"):
        kelvin = b / np.log(r1 / (r2 * (counts.astype(np.float64) + o)) + f)
    return np.asarray(kelvin, np.float32)


def _fff(content: bytes) -> bytes:
    """The pieces of the FFF file, put together by their numbers."""
    pieces: dict[int, bytes] = {}
    place = 2
    while content[place : place + 1] == b"\xff" and content[place + 1] != 0xDA and place + 4 <= len(content):
        (length,) = struct.unpack_from(">H", content, place + 2)
        segment = content[place + 4 : place + 2 + length]
        if content[place + 1] == 0xE1 and segment.startswith(_SEGMENT) and len(segment) > 8:
            pieces[segment[6]] = segment[8:]
        place += 2 + length
    return b"".join(pieces[number] for number in sorted(pieces))


def _records(fff: bytes) -> dict[int, bytes]:
    """The records by their type; the table of them is big-endian in the files of most cameras, not in all."""
    if not fff.startswith(b"FFF\0") or len(fff) < 2 * _HEADER_BYTES:
        return {}
    order = ">" if struct.unpack_from(">I", fff, 20)[0] < 1000 else "<"
    table, number = struct.unpack_from(f"{order}II", fff, 24)
    records = {}
    for entry in range(table, min(table + number * _HEADER_BYTES, len(fff) - _HEADER_BYTES + 1), _HEADER_BYTES):
        (kind,) = struct.unpack_from(f"{order}H", fff, entry)
        start, length = struct.unpack_from(f"{order}II", fff, entry + 12)
        records[kind] = fff[start : start + length]
    return records


def _counts(record: bytes) -> NDArray[np.uint16]:
    """(H, W) counts, stored plainly or as a PNG, whose bytes stand in the wrong order."""
    order = "<" if struct.unpack_from("<H", record)[0] == 2 else ">"
    width, height = struct.unpack_from(f"{order}HH", record, 2)
    pixels = record[_HEADER_BYTES:]
    if not pixels.startswith(b"\x89PNG"):
        return np.frombuffer(pixels, f"{order}u2", width * height).reshape(height, width).astype(np.uint16)
    decoded = cv2.imdecode(np.frombuffer(pixels, np.uint8), cv2.IMREAD_UNCHANGED)
    if decoded is None or decoded.dtype != np.uint16:
        raise ValueError("the PNG in it cannot be read")
    return np.ascontiguousarray(decoded.view(">u2"), np.uint16)
