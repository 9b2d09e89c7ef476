import array
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from omnibind_ros.errors import MessageError
from omnibind_ros.messages.image import intensity_from_image, rgb_from_image

COLOURS = {"red": (200, 30, 40), "green": (20, 180, 60), "blue": (50, 60, 210), "grey": (120, 120, 120)}
PATTERNS = {"rggb": "RGGB", "bggr": "BGGR", "gbrg": "GBRG", "grbg": "GRBG"}


def image(pixels, encoding, *, padding=0, big_endian=False, height=None, container=bytes):
    """Message whose rows are `pixels`' rows, with `padding` bytes of rubbish after each."""
    pixels = pixels.astype(pixels.dtype.newbyteorder(">" if big_endian else "<"))
    rows = np.ascontiguousarray(pixels).reshape(len(pixels), -1).view(np.uint8)
    padded = np.hstack((rows, np.full((len(rows), padding), 0xAB, dtype=np.uint8)))
    return SimpleNamespace(
        height=height or pixels.shape[0],
        width=pixels.shape[1],
        encoding=encoding,
        is_bigendian=big_endian,
        step=padded.shape[1],
        data=container(padded.tobytes()),
    )


def random_rgb(height=12, width=10, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def luma_chroma(rgb):
    """ITU-R BT.601, limited range."""
    r, g, b = (np.asarray(rgb, dtype=float)[..., k] / 255 for k in range(3))
    luma = 16 + 65.481 * r + 128.553 * g + 24.966 * b
    cb = 128 - 37.797 * r - 74.203 * g + 112 * b
    cr = 128 + 112 * r - 93.786 * g - 18.214 * b
    return (np.rint(plane).astype(np.uint8) for plane in (luma, cb, cr))


def with_alpha(rgb):
    return np.dstack((rgb, np.full(rgb.shape[:2], 77, dtype=np.uint8)))


PACKED = {
    "rgb8": lambda rgb: rgb,
    "bgr8": lambda rgb: rgb[..., ::-1],
    "8UC3": lambda rgb: rgb[..., ::-1],
    "rgba8": with_alpha,
    "bgra8": lambda rgb: with_alpha(rgb[..., ::-1]),
    "8UC4": lambda rgb: with_alpha(rgb[..., ::-1]),
    "rgb16": lambda rgb: rgb.astype(np.uint16) * 257,
    "bgr16": lambda rgb: rgb[..., ::-1].astype(np.uint16) * 257,
    "rgba16": lambda rgb: with_alpha(rgb).astype(np.uint16) * 257,
    "bgra16": lambda rgb: with_alpha(rgb[..., ::-1]).astype(np.uint16) * 257,
}


@pytest.mark.parametrize("encoding", PACKED)
@pytest.mark.parametrize("padding", [0, 1, 3, 8])
def test_colours_keep_their_channels_whatever_the_encoding_and_row_padding(encoding, padding):
    rgb = random_rgb()
    np.testing.assert_array_equal(rgb_from_image(image(PACKED[encoding](rgb), encoding, padding=padding)), rgb)


@pytest.mark.parametrize("encoding", ["rgb16", "bgr16", "rgba16", "bgra16"])
@pytest.mark.parametrize("padding", [0, 1, 2])
def test_big_endian_colours_equal_little_endian_ones(encoding, padding):
    rgb = random_rgb()
    message = image(PACKED[encoding](rgb), encoding, padding=padding, big_endian=True)
    np.testing.assert_array_equal(rgb_from_image(message), rgb)


def test_sixteen_bit_colour_is_scaled_by_its_full_scale_and_rounded():
    values = np.array([[[0, 128, 129], [257, 32768, 65535]]], dtype=np.uint16)
    expected = np.array([[[0, 0, 1], [1, 128, 255]]], dtype=np.uint8)
    np.testing.assert_array_equal(rgb_from_image(image(values, "rgb16")), expected)


@pytest.mark.parametrize(("encoding", "scale"), [("mono8", 1), ("8UC1", 1), ("8U", 1), ("mono16", 257)])
def test_grey_becomes_three_equal_channels(encoding, scale):
    grey = random_rgb()[..., 0]
    values = grey if scale == 1 else grey.astype(np.uint16) * scale
    np.testing.assert_array_equal(rgb_from_image(image(values, encoding, padding=3)), np.dstack([grey] * 3))


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("padding", [0, 5])
def test_bayer_patterns_give_the_colour_that_was_seen(colour, pattern, bits, padding):
    rgb = COLOURS[colour]
    tile = np.array([rgb["RGB".index(letter)] for letter in PATTERNS[pattern]], dtype=np.uint8).reshape(2, 2)
    mosaic = np.tile(tile, (6, 5))
    if bits == 16:
        mosaic = mosaic.astype(np.uint16) * 257
    seen = rgb_from_image(image(mosaic, f"bayer_{pattern}{bits}", padding=padding))
    np.testing.assert_array_equal(seen, np.broadcast_to(np.array(rgb, dtype=np.uint8), (12, 10, 3)))


def yuv_rows(encoding, rgb, step_padding):
    luma, cb, cr = luma_chroma(rgb)
    height, width = luma.shape
    if encoding in ("uyvy", "yuv422", "yuyv", "yuv422_yuy2"):
        chroma = np.where(np.arange(width) % 2 == 0, cb, cr)
        pairs = (chroma, luma) if encoding in ("uyvy", "yuv422") else (luma, chroma)
        return image(np.dstack(pairs), encoding, padding=step_padding)
    first, second = (cr, cb) if encoding == "nv21" else (cb, cr)
    if encoding == "nv24":
        chroma = np.dstack((first, second)).reshape(height, 2 * width)
        pad = np.zeros((height, step_padding), dtype=np.uint8)
        data = np.hstack((luma, pad)).tobytes() + np.hstack((chroma, pad, pad)).tobytes()
    else:
        chroma = np.dstack((first, second))[::2, ::2].reshape(height // 2, width)
        planes = np.vstack((luma, chroma))
        data = np.hstack((planes, np.zeros((len(planes), step_padding), dtype=np.uint8))).tobytes()
    return SimpleNamespace(
        height=height, width=width, encoding=encoding, is_bigendian=0, step=width + step_padding, data=data
    )


@pytest.mark.parametrize("encoding", ["uyvy", "yuv422", "yuyv", "yuv422_yuy2", "nv12", "nv21", "nv24"])
@pytest.mark.parametrize("padding", [0, 4])
def test_yuv_encodings_give_the_colours_that_were_seen(encoding, padding):
    # four blocks of 4 x 4, so that shared chroma never mixes two colours
    rgb = np.kron(np.array(list(COLOURS.values())).reshape(2, 2, 3), np.ones((4, 4, 1))).astype(np.uint8)
    seen = rgb_from_image(yuv_rows(encoding, rgb, padding))
    assert np.abs(seen.astype(int) - rgb).max() <= 3


@pytest.mark.parametrize(
    "container",
    [bytes, bytearray, memoryview, list, lambda raw: array.array("B", raw), lambda raw: np.frombuffer(raw, np.uint8)],
    ids=["bytes", "bytearray", "memoryview", "list", "array", "ndarray"],
)
def test_every_container_a_message_library_uses_is_read(container):
    rgb = random_rgb()
    np.testing.assert_array_equal(rgb_from_image(image(rgb, "rgb8", padding=2, container=container)), rgb)


def test_rgb8_and_counts_are_views_of_the_message():
    data = array.array("B", bytes(6 * 4 * 3))
    message = SimpleNamespace(height=6, width=4, encoding="rgb8", is_bigendian=0, step=12, data=data)
    assert np.shares_memory(rgb_from_image(message), np.frombuffer(data, np.uint8))
    message.encoding, message.width = "mono16", 6
    assert np.shares_memory(intensity_from_image(message), np.frombuffer(data, np.uint8))


@pytest.mark.parametrize("big_endian", [False, True])
@pytest.mark.parametrize("padding", [0, 1, 6])
@pytest.mark.parametrize(
    ("encoding", "dtype", "result"),
    [
        ("mono8", np.uint8, np.uint8),
        ("8UC1", np.uint8, np.uint8),
        ("mono16", np.uint16, np.uint16),
        ("16UC1", np.uint16, np.uint16),
        ("8SC1", np.int8, np.float32),
        ("16SC1", np.int16, np.float32),
        ("32FC1", np.float32, np.float32),
        ("64FC1", np.float64, np.float32),
    ],
)
def test_intensities_keep_their_counts(encoding, dtype, result, padding, big_endian):
    counts = np.array([[0, 1, 2], [100, 27_315 % 120, 7]]).astype(dtype) * dtype(1 if dtype().itemsize == 1 else 5)
    intensity = intensity_from_image(image(counts, encoding, padding=padding, big_endian=big_endian))
    assert intensity.dtype == result
    np.testing.assert_array_equal(intensity, counts)


def test_dead_pixels_of_a_float_image_stay_visible():
    values = np.array([[1.5, np.nan], [np.inf, -np.inf]], dtype=np.float32)
    np.testing.assert_array_equal(intensity_from_image(image(values, "32FC1")), values)


def test_a_grey_picture_published_as_colour_is_read_and_false_colour_is_refused():
    grey = random_rgb()[..., 0]
    np.testing.assert_array_equal(intensity_from_image(image(np.dstack([grey] * 3), "bgr8")), grey)
    palette = cv2.applyColorMap(grey, cv2.COLORMAP_INFERNO)
    with pytest.raises(MessageError, match="false colour"):
        intensity_from_image(image(palette, "bgr8"))


@pytest.mark.parametrize(
    ("encoding", "dtype"), [("16UC1", np.uint16), ("32FC1", np.float32), ("16SC1", np.int16), ("64FC1", np.float64)]
)
def test_numbers_without_a_full_scale_are_not_shown_as_colours(encoding, dtype):
    with pytest.raises(MessageError, match="without a full scale"):
        rgb_from_image(image(np.ones((4, 4), dtype=dtype), encoding))


@pytest.mark.parametrize("encoding", ["bayer_rggb8", "rgb16", "32SC1", "32FC2"])
def test_encodings_without_one_intensity_per_pixel_are_refused(encoding):
    dtype = {"bayer_rggb8": np.uint8, "rgb16": np.uint16, "32SC1": np.int32, "32FC2": np.float32}[encoding]
    channels = {"rgb16": (3,), "32FC2": (2,)}.get(encoding, ())
    with pytest.raises(MessageError, match="one intensity per pixel"):
        intensity_from_image(image(np.ones((4, 4, *channels), dtype=dtype), encoding))


@pytest.mark.parametrize("size", [(1, 8), (2, 2), (8, 2)])
def test_a_bayer_image_too_small_to_have_colours_is_refused_instead_of_shown_black(size):
    with pytest.raises(MessageError, match="no full colour"):
        rgb_from_image(image(np.full(size, 200, dtype=np.uint8), "bayer_rggb8"))


def test_an_error_names_the_problem_and_the_remedy():
    message = image(random_rgb(), "rgb8")
    message.step = 7
    with pytest.raises(MessageError) as caught:
        rgb_from_image(message)
    assert "step 7" in caught.value.problem
    assert "30" in caught.value.remedy


@pytest.mark.parametrize(
    "message", [SimpleNamespace(data="text"), None, SimpleNamespace(format="png"), SimpleNamespace(encoding="rgb8")]
)
def test_a_message_of_another_type_is_refused(message):
    for convert in (rgb_from_image, intensity_from_image):
        with pytest.raises(MessageError):
            convert(message)


def test_real_ros_messages_are_read():
    sensor_msgs = pytest.importorskip("sensor_msgs.msg", reason="needs ROS 2's sensor_msgs")
    rgb = random_rgb()
    message = sensor_msgs.Image(height=12, width=10, encoding="rgb8", step=30)
    message.data = array.array("B", rgb.tobytes())
    np.testing.assert_array_equal(rgb_from_image(message), rgb)
    compressed = sensor_msgs.CompressedImage(format="bgr8; png compressed bgr8")
    compressed.data = array.array("B", cv2.imencode(".png", rgb[..., ::-1])[1].tobytes())
    np.testing.assert_array_equal(rgb_from_image(compressed), rgb)


def test_messages_read_from_a_bag_without_ros_are_read():
    stores = pytest.importorskip("rosbags.typesys", reason="needs rosbags")
    types = stores.get_typestore(stores.Stores.ROS2_JAZZY).types
    header = types["std_msgs/msg/Header"](types["builtin_interfaces/msg/Time"](0, 0), "camera")
    rgb = random_rgb()
    message = types["sensor_msgs/msg/Image"](header, 12, 10, "rgb8", 0, 30, rgb.reshape(-1))
    np.testing.assert_array_equal(rgb_from_image(message), rgb)


@settings(deadline=None, max_examples=60)
@given(
    rgb=hnp.arrays(np.uint8, hnp.array_shapes(min_dims=3, max_dims=3, max_side=9).map(lambda s: (*s[:2], 3))),
    encoding=st.sampled_from(sorted(PACKED)),
    padding=st.integers(0, 9),
    big_endian=st.booleans(),
)
def test_any_well_formed_colour_message_gives_its_colours(rgb, encoding, padding, big_endian):
    message = image(PACKED[encoding](rgb), encoding, padding=padding, big_endian=big_endian)
    np.testing.assert_array_equal(rgb_from_image(message), rgb)


ENCODINGS = [
    *PACKED, "mono8", "mono16", "8UC1", "8UC2", "16UC1", "16SC3", "32FC1", "32FC3", "64FC1", "32SC4", "8UC5", "8UC",
    "bayer_rggb8", "bayer_grbg16", "uyvy", "yuyv", "nv12", "nv21", "nv24", "", "RGB8", "jpeg", "rgb8 ",
]  # fmt: skip
FIELD = st.integers(-2, 12) | st.sampled_from([2**16, 2**31, 2**32 - 1, 2**63])


@settings(deadline=None, max_examples=100)
@given(
    fields=st.fixed_dictionaries(
        {
            "height": FIELD,
            "width": FIELD,
            "step": FIELD | st.integers(0, 120),
            "encoding": st.sampled_from(ENCODINGS) | st.text(max_size=12),
            "is_bigendian": st.booleans() | st.integers(0, 255),
            "data": st.binary(max_size=400)
            | st.lists(st.integers(-1, 300), max_size=20)
            | st.none()
            | st.text(max_size=4),
        }
    )
)
def test_any_malformed_message_is_refused_or_has_the_stated_size(fields):
    for convert, channels in ((rgb_from_image, (3,)), (intensity_from_image, ())):
        try:
            pixels = convert(SimpleNamespace(**fields))
        except MessageError:
            continue
        assert pixels.shape == (fields["height"], fields["width"], *channels)
        assert len(fields["data"]) >= fields["height"] * fields["width"]


@settings(deadline=None, max_examples=100)
@given(
    encoding=st.sampled_from(ENCODINGS),
    size=st.tuples(st.integers(1, 6), st.integers(1, 6)),
    extra=st.integers(-5, 5),
    padding=st.integers(0, 4),
    bytes_per_pixel=st.sampled_from([1, 2, 3, 4, 6, 8, 12, 16]),
)
def test_data_of_any_wrong_length_is_refused(encoding, size, extra, padding, bytes_per_pixel):
    height, width = size
    step = width * bytes_per_pixel + padding
    length = int(step * height * {"nv12": 1.5, "nv21": 1.5, "nv24": 3}.get(encoding, 1))
    message = SimpleNamespace(
        height=height, width=width, step=step, encoding=encoding, is_bigendian=0, data=bytes(max(0, length + extra))
    )
    for convert in (rgb_from_image, intensity_from_image):
        try:
            convert(message)
        except MessageError:
            continue
        assert extra == 0
