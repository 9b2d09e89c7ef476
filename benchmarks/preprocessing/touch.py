"""A camera-based tactile sensor's frame of 640×480."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.preprocessing.frames import fields, photo
from benchmarks.timing import Comparison
from omnibind_ros.messages.image import rgb_from_image
from omnibind_ros.preprocessing.touch import PRESETS, TouchPreprocessor

COMPACT = PRESETS["compact"]


def comparisons() -> list[Comparison]:
    """Ours detects contact and keeps the reference up to date, too."""
    untouched = photo()
    touched = untouched.copy()
    touched[200:280, 280:360] //= 2
    message = fields(touched, "rgb8")
    preprocessor = TouchPreprocessor(COMPACT, untouched)

    def ours() -> object:
        preprocessor.add(rgb_from_image(message), 0)
        return preprocessor.take()

    return [
        Comparison("touch 640×480 rgb8 → 64×64", ours, "OpenCV by hand", lambda: by_hand(message, untouched)),
    ]


def by_hand(message: Any, untouched: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Input (3, 64, 64): the frame minus the untouched one."""
    rgb = np.frombuffer(message.data, np.uint8).reshape(message.height, message.width, 3)
    difference = rgb.astype(np.float32) - untouched
    small = cv2.resize(difference, (COMPACT.side, COMPACT.side), interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray((small / 255).transpose(2, 0, 1))
