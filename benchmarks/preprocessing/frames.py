"""Frames to measure with, made here: smooth shapes with fine noise, as a camera sees them."""

from types import SimpleNamespace

import cv2
import numpy as np
from numpy.typing import NDArray

HEIGHT, WIDTH = 480, 640


def photo() -> NDArray[np.uint8]:
    """(480, 640, 3) RGB."""
    random = np.random.default_rng(0)
    coarse = random.integers(0, 256, (12, 16, 3), np.uint8)
    smooth = cv2.resize(coarse, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC).astype(np.int16)
    rgb: NDArray[np.uint8] = np.clip(smooth + random.normal(0, 4, smooth.shape), 0, 255).astype(np.uint8)
    return rgb


def counts() -> NDArray[np.uint16]:
    """(480, 640) of a radiometric thermal camera, in centikelvin around room temperature."""
    grey = cv2.cvtColor(photo(), cv2.COLOR_RGB2GRAY).astype(np.uint16)
    return 28_500 + 10 * grey


def fields(pixels: NDArray[np.uint8] | NDArray[np.uint16], encoding: str) -> SimpleNamespace:
    """What a `sensor_msgs/Image` of these pixels holds."""
    height, width = pixels.shape[:2]
    return SimpleNamespace(
        height=height,
        width=width,
        encoding=encoding,
        is_bigendian=0,
        step=pixels.nbytes // height,
        data=pixels.tobytes(),
    )
