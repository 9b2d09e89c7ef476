"""The colour camera: exposure, gamma, magnification and noise of a small sensor."""

import cv2
import numpy as np
from numpy.typing import NDArray

from omnibind_ros.simulation.randomness import generator, noise_image
from omnibind_ros.simulation.sensors import CAMERA_HEIGHT, CAMERA_WIDTH
from omnibind_ros.simulation.surface import Surface

_NOISE_COUNTS = 3.0


def render_rgb(surface: Surface) -> NDArray[np.uint8]:
    """Colour image of an instant, (CAMERA_HEIGHT, CAMERA_WIDTH, 3) uint8 RGB, gamma 2."""
    rng = generator(surface.seed, "camera", surface.time_s)
    encoded = np.sqrt(np.clip(surface.radiance * surface.exposure, 0.0, 1.0)) * 255.0
    picture = cv2.resize(encoded.astype(np.uint8), (CAMERA_WIDTH, CAMERA_HEIGHT), interpolation=cv2.INTER_LINEAR)
    noise = noise_image(rng, CAMERA_HEIGHT, CAMERA_WIDTH, 3)
    gain = _NOISE_COUNTS * float(rng.uniform(0.8, 1.2))
    return np.asarray(cv2.scaleAdd(noise, gain, picture.astype(np.float32)).clip(0, 255), np.uint8)
