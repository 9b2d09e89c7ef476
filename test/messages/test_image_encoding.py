import pytest

from omnibind_ros.errors import MessageError
from omnibind_ros.messages.image_encoding import encoding_named

JAZZY = (
    "rgb8 rgba8 rgb16 rgba16 bgr8 bgra8 bgr16 bgra16 mono8 mono16 "
    "8UC1 8UC2 8UC3 8UC4 8SC1 8SC2 8SC3 8SC4 16UC1 16UC2 16UC3 16UC4 16SC1 16SC2 16SC3 16SC4 "
    "32SC1 32SC2 32SC3 32SC4 32FC1 32FC2 32FC3 32FC4 64FC1 64FC2 64FC3 64FC4 "
    "bayer_rggb8 bayer_bggr8 bayer_gbrg8 bayer_grbg8 bayer_rggb16 bayer_bggr16 bayer_gbrg16 bayer_grbg16 "
    "uyvy yuv422 yuyv yuv422_yuy2 nv21 nv24"
)


@pytest.mark.parametrize("name", JAZZY.split())
def test_every_encoding_of_jazzy_is_known_with_its_depth(name):
    encoding = encoding_named(name)
    bits = next((bits for bits in (16, 32, 64) if str(bits) in name), 8)
    assert encoding.dtype.itemsize * 8 == bits


@pytest.mark.parametrize("name", ["", "RGB8", "rgb", "8UC5", "8UC0", "24FC1", "bayer_rgbg8", "8UC1\n"])
def test_a_name_that_is_no_encoding_is_refused_with_a_remedy(name):
    with pytest.raises(MessageError, match="unknown image encoding") as caught:
        encoding_named(name)
    assert "rgb8" in caught.value.remedy
