"""The thermal camera: a radiometric long-wave sensor with blur, column pattern and temporal noise."""

import cv2
import numpy as np
from numpy.typing import NDArray

from omnibind_ros.simulation.randomness import generator, noise_image
from omnibind_ros.simulation.sensors import THERMAL_HEIGHT, THERMAL_WIDTH
from omnibind_ros.simulation.surface import Surface

COUNTS_PER_KELVIN = 100
_NOISE_KELVIN = 0.06
_PATTERN_KELVIN = 0.05


def render_thermal(surface: Surface) -> NDArray[np.uint16]:
    """Apparent temperature of an instant, (THERMAL_HEIGHT, THERMAL_WIDTH) uint16 in hundredths of a kelvin."""
    rng = generator(surface.seed, "thermal", surface.time_s)
    kelvin = cv2.resize(surface.temperature, (THERMAL_WIDTH, THERMAL_HEIGHT), interpolation=cv2.INTER_AREA)
    kelvin = cv2.GaussianBlur(kelvin, (0, 0), 0.8)
    columns = generator(surface.seed, "thermal columns").standard_normal(THERMAL_WIDTH).astype(np.float32)
    noise = noise_image(rng, THERMAL_HEIGHT, THERMAL_WIDTH, 1)[..., 0]
    counts = (kelvin + _PATTERN_KELVIN * columns + _NOISE_KELVIN * noise) * COUNTS_PER_KELVIN
    return np.asarray(np.clip(np.rint(counts), 0, 65535), np.uint16)
