"""How much a frame can tell, judged from its pixels alone: a number in [0, 1].

A frame is judged as the encoder will see it, after resizing and cropping. Three factors are multiplied, each 1 for an
ordinary frame and towards 0 as the frame loses what it could tell:

- contrast: standard deviation of the intensity over `CONTRAST` (of full scale), at most 1. Black, white, covered, flat.
- exposure: 1 while at most half of the pixels sit at either end of the scale, falling linearly to 0 when all do.
- sharpness: variance of the Laplacian over the variance of the intensity, over `SHARPNESS`, at most 1, both taken from
  the frame reduced to 64 pixels a side, so that the number means the same for every encoder: a blur of 2 % of the
  frame's side begins to lower it. The ratio does not depend on contrast or brightness.
  The variance of the Laplacian as focus measure: Pech-Pacheco et al., "Diatom autofocusing in brightfield microscopy:
  a comparative study", ICPR 2000.
"""

from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

CONTRAST = 0.05
SHARPNESS = 0.03
END_OF_SCALE = 4 / 255
_GLANCE = 64


def frame_quality(frame: NDArray[np.uint8] | NDArray[np.float32]) -> float:
    """Quality of one frame in [0, 1].

    frame: (H, W, 3) RGB or (H, W), uint8 of full scale 255 or finite float32 of full scale 1.
    """
    intensity = _intensity(frame)
    contrast = min(float(intensity.std()) / CONTRAST, 1.0)
    return contrast * _sharpness(intensity) * _exposure(intensity)


def exposure(frame: NDArray[np.uint8] | NDArray[np.float32]) -> float:
    """The factor exposure alone, in [0, 1]; for frames that are meant to be flat and soft, as a tactile sensor's."""
    return _exposure(_intensity(frame))


def _exposure(intensity: NDArray[np.float32]) -> float:
    clipped = float(np.mean((intensity <= END_OF_SCALE) | (intensity >= 1 - END_OF_SCALE)))
    return min(2 * (1 - clipped), 1.0)


def _sharpness(intensity: NDArray[np.float32]) -> float:
    if min(intensity.shape) > _GLANCE:
        intensity = cast(NDArray[np.float32], cv2.resize(intensity, (_GLANCE, _GLANCE), interpolation=cv2.INTER_AREA))
    variance = float(intensity.var())
    detail = float(cv2.Laplacian(intensity, cv2.CV_32F).var())
    return min(detail / (SHARPNESS * variance), 1.0) if variance > 0 else 0.0


def _intensity(frame: NDArray[np.uint8] | NDArray[np.float32]) -> NDArray[np.float32]:
    grey = cast(NDArray[np.uint8], cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) if frame.ndim == 3 else frame)
    scale = np.float32(1 / 255 if frame.dtype == np.uint8 else 1)
    return cast(NDArray[np.float32], np.multiply(grey, scale, dtype=np.float32))
