import struct
import zlib
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omnibind_ros.errors import MessageError
from omnibind_ros.messages.image import intensity_from_image, rgb_from_image


def photo(height=48, width=64):
    noise = np.random.default_rng(5).integers(0, 256, (height // 8, width // 8, 3), dtype=np.uint8)
    return cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC)


def compressed(pixels, extension, image_format):
    return SimpleNamespace(format=image_format, data=cv2.imencode(extension, pixels)[1].tobytes())


RGB = photo()
BGR = np.ascontiguousarray(RGB[..., ::-1])
COUNTS = (RGB[..., 0].astype(np.uint16) * 251 + RGB[..., 1]).astype(np.uint16)
JPEG = cv2.imencode(".jpg", BGR)[1].tobytes()
PNG = cv2.imencode(".png", BGR)[1].tobytes()
PNG_COUNTS = cv2.imencode(".png", COUNTS)[1].tobytes()


@pytest.mark.parametrize("image_format", ["png", "bgr8; png compressed bgr8", "rgb8; png compressed bgr8", "", "jpeg"])
def test_png_colours_come_back_exactly_under_every_name_of_the_format(image_format):
    np.testing.assert_array_equal(rgb_from_image(SimpleNamespace(format=image_format, data=PNG)), RGB)


@pytest.mark.parametrize("image_format", ["jpeg", "jpg", "rgb8; jpeg compressed bgr8", "bgr8; jpeg compressed bgr8"])
def test_jpeg_colours_come_back_closely(image_format):
    seen = rgb_from_image(SimpleNamespace(format=image_format, data=JPEG))
    assert np.abs(seen.astype(int) - RGB).mean() < 4


def test_a_publisher_that_encoded_rgb_as_if_it_were_bgr_says_so_in_the_format():
    message = compressed(RGB, ".png", "rgb8; png compressed rgb8")
    np.testing.assert_array_equal(rgb_from_image(message), RGB)


@pytest.mark.parametrize("bits", [8, 16])
def test_a_compressed_bayer_mosaic_is_demosaiced(bits):
    mosaic = np.tile(np.array([[200, 90], [90, 40]], dtype=np.uint8), (8, 8))
    if bits == 16:
        mosaic = mosaic.astype(np.uint16) * 257
    message = compressed(mosaic, ".png", f"bayer_rggb{bits}; png compressed ")
    np.testing.assert_array_equal(rgb_from_image(message)[5, 5], (200, 90, 40))


@pytest.mark.parametrize("image_format", ["png", "16UC1; png compressed ", "mono16; png compressed mono16"])
def test_sixteen_bit_png_keeps_its_counts(image_format):
    counts = intensity_from_image(SimpleNamespace(format=image_format, data=PNG_COUNTS))
    assert counts.dtype == np.uint16
    np.testing.assert_array_equal(counts, COUNTS)


def test_counts_squeezed_into_a_jpeg_are_refused_rather_than_read_as_eight_bits():
    message = compressed((COUNTS >> 8).astype(np.uint8), ".jpg", "mono16; jpeg compressed ")
    with pytest.raises(MessageError, match="lost") as caught:
        intensity_from_image(message)
    assert "png" in caught.value.remedy


def test_counts_are_not_shown_as_colours_even_when_compressed():
    with pytest.raises(MessageError, match="without a full scale"):
        rgb_from_image(SimpleNamespace(format="16UC1; png compressed ", data=PNG_COUNTS))


def test_compressed_depth_gives_counts_and_metres():
    counts = SimpleNamespace(format="16UC1; compressedDepth png", data=struct.pack("<iff", 0, 0, 0) + PNG_COUNTS)
    np.testing.assert_array_equal(intensity_from_image(counts), COUNTS)
    metres = np.linspace(0.5, 8.0, 48, dtype=np.float32).reshape(6, 8)
    a, b = 100.0 * 101.0, -0.0001
    inverse = np.rint(a / metres + b).astype(np.uint16)
    inverse[0, 0] = 0
    png = cv2.imencode(".png", inverse)[1].tobytes()
    depth = intensity_from_image(
        SimpleNamespace(format="32FC1; compressedDepth", data=struct.pack("<iff", 0, a, b) + png)
    )
    assert np.isnan(depth[0, 0])
    np.testing.assert_allclose(depth.reshape(-1)[1:], metres.reshape(-1)[1:], rtol=1e-2)
    with pytest.raises(MessageError, match="compressedDepth"):
        intensity_from_image(SimpleNamespace(format="16UC1; compressedDepth rvl", data=bytes(50)))


def png_that_claims(width, height):
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = b"IDAT" + zlib.compress(bytes(100))
    chunks = (header, data, b"IEND")
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk)) for chunk in chunks
    )


def jpeg_that_claims(width, height):
    start = JPEG.index(b"\xff\xc0")
    return JPEG[: start + 5] + struct.pack(">HH", height, width) + JPEG[start + 9 :]


@pytest.mark.parametrize(
    "data",
    [png_that_claims(60_000, 60_000), png_that_claims(9_000, 9_000), jpeg_that_claims(65_500, 65_500)],
    ids=["png", "smaller png", "jpeg"],
)
def test_a_decompression_bomb_is_refused_before_it_unpacks(data):
    with pytest.raises(MessageError, match=r"too large|more than"):
        rgb_from_image(SimpleNamespace(format="png", data=data))


@pytest.mark.parametrize(
    "data", [b"", b"not an image", b"GIF89a" + bytes(40), bytes(5000), PNG[:20], None, [1, 2, 400]]
)
def test_what_is_no_jpeg_or_png_is_refused(data):
    with pytest.raises(MessageError):
        rgb_from_image(SimpleNamespace(format="jpeg", data=data))


@pytest.mark.parametrize("image_format", ["h264", "rgb9; jpeg compressed bgr8", ";", "a;b;c"])
def test_an_unknown_source_encoding_is_refused(image_format):
    data = JPEG if ";" in image_format else b"\x00\x00\x00\x01" + bytes(200)
    with pytest.raises(MessageError):
        rgb_from_image(SimpleNamespace(format=image_format, data=data))


@settings(deadline=None, max_examples=60)
@given(source=st.sampled_from([JPEG, PNG, PNG_COUNTS]), kept=st.floats(0, 1, exclude_max=True))
def test_a_file_cut_short_anywhere_is_refused(source, kept):
    with pytest.raises(MessageError):
        intensity_or_rgb(source[: int(kept * len(source))], "png")


@settings(deadline=None, max_examples=100)
@given(
    source=st.sampled_from([JPEG, PNG, PNG_COUNTS]),
    flips=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=8),
    image_format=st.sampled_from(
        ["jpeg", "rgb8; jpeg compressed bgr8", "16UC1; png compressed ", "32FC1; compressedDepth"]
    )
    | st.text(max_size=20),
)
def test_a_damaged_file_is_refused_or_keeps_its_size(source, flips, image_format):
    damaged = bytearray(source)
    for place, value in flips:
        damaged[int(place * len(damaged))] = value
    try:
        pixels = intensity_or_rgb(bytes(damaged), image_format)
    except MessageError:
        return
    # only bytes of its header can change what it says its size is, and then the pixels rarely fit it
    assert pixels.shape[:2] == RGB.shape[:2] or min(place for place, _ in flips) < 0.2


def intensity_or_rgb(data, image_format):
    message = SimpleNamespace(format=image_format, data=data)
    try:
        return rgb_from_image(message)
    except MessageError:
        return intensity_from_image(message)
