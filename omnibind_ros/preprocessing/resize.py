"""Frames to the square an encoder takes, in the ways the reference processors do it."""

from typing import Literal, cast

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

Fit = Literal["short_side_crop", "squash", "pad_square"]
Interpolation = Literal["area", "bilinear", "bicubic"]
Pixels = NDArray[np.uint8] | NDArray[np.float32]

_PILLOW_FILTER = {"bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC}


def resize_to_square(pixels: Pixels, side: int, fit: Fit, interpolation: Interpolation) -> Pixels:
    """Resize to a square of `side` pixels.

    pixels: (H, W) or (H, W, 3), uint8 or float32; the dtype is kept. fit: `short_side_crop` keeps the central
    square, `squash` ignores the aspect ratio, `pad_square` adds black borders to the short sides first.
    interpolation: `area` is OpenCV's mean over each target pixel when shrinking (linear when growing), the fastest;
    `bilinear` and `bicubic` are Pillow's antialiased filters, which the Hugging Face and torchvision processors use.
    Neither road computes more than the target square, whatever the aspect ratio.
    """
    if fit == "pad_square":
        pixels, fit = _pad_to_square(pixels), "squash"
    height, width = pixels.shape[:2]
    if interpolation == "area":
        if fit == "short_side_crop":
            short = min(height, width)
            top, left = (height - short) // 2, (width - short) // 2
            pixels = pixels[top : top + short, left : left + short]
        shrinks = min(pixels.shape[:2]) >= side
        method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
        return cast(Pixels, cv2.resize(pixels, (side, side), interpolation=method))
    box = _central_box(height, width, side) if fit == "short_side_crop" else (0, 0, width, height)
    # Pillow has no RGB image of floats
    planes = np.moveaxis(pixels, -1, 0) if pixels.ndim == 3 and pixels.dtype == np.float32 else [pixels]
    resized = [
        np.asarray(Image.fromarray(plane).resize((side, side), _PILLOW_FILTER[interpolation], box=box))
        for plane in planes
    ]
    return resized[0] if len(resized) == 1 else np.stack(resized, axis=-1)


def _central_box(height: int, width: int, side: int) -> tuple[float, float, float, float]:
    """Region that "resize the short side, then crop the centre" shows, as Pillow's (left, upper, right, lower).

    The resized long side is rounded down to whole pixels before the crop, and so is the crop's offset.
    """
    short = min(height, width)
    resized_height, resized_width = int(side * height / short), int(side * width / short)
    top, left = (resized_height - side) // 2, (resized_width - side) // 2
    down, across = height / resized_height, width / resized_width
    return left * across, top * down, min((left + side) * across, width), min((top + side) * down, height)


def _pad_to_square(pixels: Pixels) -> Pixels:
    height, width = pixels.shape[:2]
    long = max(height, width)
    top, left = (long - height) // 2, (long - width) // 2
    padded = cv2.copyMakeBorder(
        pixels, top, long - height - top, left, long - width - left, cv2.BORDER_CONSTANT, value=(0.0, 0.0, 0.0, 0.0)
    )
    return cast(Pixels, padded)
