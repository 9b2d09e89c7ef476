"""A radiometric thermal camera's frame of 640×480."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.preprocessing.frames import counts, fields
from benchmarks.timing import Comparison
from omnibind_ros.messages.image import intensity_from_image
from omnibind_ros.preprocessing.thermal import PRESETS, ThermalPreprocessor

COMPACT = PRESETS["compact"]


def comparisons() -> list[Comparison]:
    """Ours follows a range that stays stable over time and judges the quality, too."""
    message = fields(counts(), "mono16")
    preprocessor = ThermalPreprocessor(COMPACT)

    def ours() -> object:
        preprocessor.add(intensity_from_image(message), 0)
        return preprocessor.take()

    return [Comparison("thermal 640×480 mono16 → 64×64", ours, "OpenCV by hand", lambda: by_hand(message))]


def by_hand(message: Any) -> NDArray[np.float32]:
    """Input (1, 64, 64), scaled between percentiles of the frame."""
    intensity = np.frombuffer(message.data, np.uint16).reshape(message.height, message.width)
    low, high = np.percentile(intensity, COMPACT.percentiles)
    scaled = np.clip((intensity.astype(np.float32) - low) / (high - low), 0, 1).astype(np.float32)
    small = cv2.resize(scaled, (COMPACT.side, COMPACT.side), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32)[None]
