import struct

import cv2
import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from omnibind_ros.errors import MessageError
from training.data.radiometric import kelvin_of_radiometric_jpeg

COUNTS = np.arange(10_000, 10_048, dtype=np.uint16).reshape(6, 8)
R1, B, F, O, R2 = 14_861.56, 1395.6, 1.0, -992, 0.032336  # noqa: E741 (the names of the law)


def radiometric_jpeg(*, png: bool, counts: bytes | None = None) -> bytes:
    """A JPEG as FLIR's cameras write it, its records in two segments."""
    pixels = cv2.imencode(".png", COUNTS.byteswap())[1].tobytes() if png else COUNTS.tobytes()
    raw = struct.pack("<3H", 2, 8, 6).ljust(32, b"\0") + (pixels if counts is None else counts)
    camera = bytearray(0x320)
    struct.pack_into("<fff", camera, 0x58, R1, B, F)
    struct.pack_into("<if", camera, 0x308, O, R2)
    table, start = 64, 128
    fff = bytearray(b"FFF\0".ljust(table, b"\0"))
    struct.pack_into(">III", fff, 20, 100, table, 2)
    for kind, record in ((0x20, camera), (0x01, raw)):
        fff += struct.pack(">H10xII12x", kind, start, len(record))
        start += len(record)
    whole = bytes(fff) + bytes(camera) + raw
    pieces = [whole[:500], whole[500:]]
    plain = cv2.imencode(".jpg", np.zeros((8, 8), np.uint8))[1].tobytes()
    segments = b"".join(
        b"\xff\xe1" + struct.pack(">H", len(piece) + 10) + b"FLIR\0\x01" + bytes([number, len(pieces) - 1]) + piece
        for number, piece in enumerate(pieces)
    )
    return plain[:2] + segments + plain[2:]


@pytest.mark.parametrize("png", [True, False])
def test_counts_become_temperatures_by_plancks_law(png):
    kelvin = kelvin_of_radiometric_jpeg(radiometric_jpeg(png=png))
    assert kelvin.dtype == np.float32
    np.testing.assert_allclose(kelvin, B / np.log(R1 / (R2 * (COUNTS.astype(float) + O)) + F), rtol=1e-5)


def test_a_plain_jpeg_has_no_temperatures():
    assert kelvin_of_radiometric_jpeg(cv2.imencode(".jpg", np.zeros((8, 8), np.uint8))[1].tobytes()) is None


def test_damaged_counts_are_an_error():
    with pytest.raises(MessageError, match="damaged"):
        kelvin_of_radiometric_jpeg(radiometric_jpeg(png=True, counts=b"\x89PNG broken"))


def test_real_cameras_files(recordings):
    folder = recordings / "thermal" / "irimage_flir"
    files = sorted(folder.glob("*.jpg"))
    assert files
    for file in files:
        kelvin = kelvin_of_radiometric_jpeg(file.read_bytes())
        counts = cv2.imread(str(file.with_name(f"{file.stem}_raw16.png")), cv2.IMREAD_UNCHANGED)
        assert 180 < np.median(kelvin) < 500
        assert (np.diff(kelvin.ravel()[np.argsort(counts.ravel())]) >= 0).all()
