import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from omnibind_ros.preprocessing.resize import resize_to_square


def gradient(height, width, dtype=np.uint8):
    across = np.linspace(0, 200, width)[None, :] + np.linspace(0, 50, height)[:, None]
    return np.dstack((across, across[::-1], 255 - across)).astype(dtype)


@pytest.mark.parametrize("interpolation", ["area", "bilinear", "bicubic"])
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
@pytest.mark.parametrize("colour", [True, False])
def test_dtype_and_channels_are_kept(interpolation, dtype, colour):
    pixels = gradient(50, 80, dtype) if colour else gradient(50, 80, dtype)[..., 0]
    for fit in ("short_side_crop", "squash", "pad_square"):
        resized = resize_to_square(pixels, 16, fit, interpolation)
        assert resized.dtype == dtype
        assert resized.shape == ((16, 16, 3) if colour else (16, 16))


@pytest.mark.parametrize("interpolation", ["area", "bilinear", "bicubic"])
def test_each_fit_shows_the_part_it_promises(interpolation):
    frame = np.zeros((40, 120, 3), dtype=np.uint8)
    frame[:, 40:80] = 200
    cropped = resize_to_square(frame, 20, "short_side_crop", interpolation)
    assert cropped[2:-2, 2:-2].min() == 200
    squashed = resize_to_square(frame, 30, "squash", interpolation)
    assert squashed[15, 5, 0] == 0
    assert squashed[15, 15, 0] == 200
    padded = resize_to_square(frame, 30, "pad_square", interpolation)
    assert padded[3].max() == 0
    assert padded[15, 15, 0] == 200


@settings(deadline=None, max_examples=50)
@given(height=st.integers(20, 150), width=st.integers(20, 150), side=st.integers(8, 64))
def test_cropping_while_resizing_equals_resizing_then_cropping(height, width, side):
    frame = gradient(height, width)
    short = min(height, width)
    resized_height, resized_width = int(side * height / short), int(side * width / short)
    whole = np.asarray(Image.fromarray(frame).resize((resized_width, resized_height), Image.Resampling.BICUBIC))
    top, left = (resized_height - side) // 2, (resized_width - side) // 2
    expected = whole[top : top + side, left : left + side].astype(int)
    seen = resize_to_square(frame, side, "short_side_crop", "bicubic")
    # Pillow's box is single precision: at most one grey level
    assert np.abs(seen - expected).max() <= 1


@pytest.mark.parametrize("interpolation", ["area", "bilinear", "bicubic"])
@pytest.mark.parametrize("size", [(1, 1), (1, 200_000), (200_000, 1), (63, 65)])
def test_extreme_shapes_cost_no_more_than_the_square(interpolation, size):
    frame = np.full((*size, 3), 90, dtype=np.uint8)
    resized = resize_to_square(frame, 64, "short_side_crop", interpolation)
    assert resized.shape == (64, 64, 3)
    assert resized.min() == resized.max() == 90
