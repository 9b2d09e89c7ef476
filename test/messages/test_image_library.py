import builtins

import cv2
import numpy as np
import pytest

from omnibind_ros.messages.image_library import OpenCvLibrary, cv_bridge_library, image_library

EIGHT_BIT = {"rgb8": 3, "bgr8": 3, "rgba8": 4, "bgra8": 4, "mono8": 1}
CHANNELS = {
    **EIGHT_BIT,
    **{name.replace("8", "16"): channels for name, channels in EIGHT_BIT.items()},
    **{f"bayer_{pattern}{bits}": 1 for pattern in ("rggb", "bggr", "gbrg", "grbg") for bits in (8, 16)},
    **dict.fromkeys(("uyvy", "yuv422", "yuyv", "yuv422_yuy2"), 2),
    **dict.fromkeys(("nv12", "nv21", "nv24"), 1),
}


@pytest.fixture(scope="module")
def cv_bridge():
    library = cv_bridge_library()
    if library is None:
        pytest.skip("no working cv_bridge on this host")
    return library


def pixels_for(encoding):
    dtype = np.uint16 if encoding.endswith("16") else np.uint8
    shape = (24, 32) if CHANNELS[encoding] == 1 else (24, 32, CHANNELS[encoding])
    return np.random.default_rng(3).integers(0, np.iinfo(dtype).max + 1, shape, dtype=dtype)


@pytest.mark.parametrize("encoding", CHANNELS)
def test_cv_bridge_and_opencv_give_the_same_colours(cv_bridge, encoding):
    pixels = pixels_for(encoding)
    difference = cv_bridge.to_rgb(pixels, encoding).astype(int) - OpenCvLibrary().to_rgb(pixels, encoding)
    # two builds of OpenCV may round differently by one level
    assert np.abs(difference).max() <= 1


@pytest.mark.parametrize("encoding", ["rgba8", "mono16"])
def test_cv_bridge_and_opencv_agree_on_rows_with_padding(cv_bridge, encoding):
    padded = pixels_for(encoding)[:, :-3]
    np.testing.assert_array_equal(cv_bridge.to_rgb(padded, encoding), OpenCvLibrary().to_rgb(padded, encoding))


@pytest.mark.parametrize(("extension", "dtype", "channels"), [
    (".png", np.uint8, 1), (".png", np.uint8, 3), (".png", np.uint8, 4), (".png", np.uint16, 1), (".jpg", np.uint8, 3)
])  # fmt: skip
def test_cv_bridge_and_opencv_decode_alike(cv_bridge, extension, dtype, channels):
    picture = cv2.GaussianBlur(np.random.default_rng(1).integers(0, 255, (40, 50, channels)).astype(dtype), (5, 5), 2)
    data = cv2.imencode(extension, picture)[1]
    theirs, ours = cv_bridge.decode(data), OpenCvLibrary().decode(data)
    assert theirs.dtype == ours.dtype
    assert np.abs(theirs.astype(int) - ours).max() <= 1


def test_a_host_without_a_working_cv_bridge_falls_back_to_opencv(monkeypatch):
    original = builtins.__import__

    def broken(name, *arguments, **keywords):
        if name == "cv_bridge":
            raise SystemError("initialization of cv_bridge_boost raised unreported exception")
        return original(name, *arguments, **keywords)

    monkeypatch.setattr(builtins, "__import__", broken)
    image_library.cache_clear()
    try:
        assert image_library().name == "OpenCV"
    finally:
        image_library.cache_clear()
