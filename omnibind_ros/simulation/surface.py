"""What the shared viewpoint sees of the object at one instant: one set of buffers for all the sensors."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from omnibind_ros.simulation.sensors import VIEW_HEIGHT, VIEW_WIDTH

Array = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Surface:
    """Visible surface of the object, one row for every pixel of the view that it covers, and what lies behind it.

    Attributes:
        seed: Of the scene, for the noise of the sensors.
        time_s: The instant.
        pixel: (P,) int64, row * VIEW_WIDTH + column.
        depth: (P,) float32, metres along the optical axis.
        part: (P,) int64, number of the part of the object.
        radiance: (VIEW_HEIGHT, VIEW_WIDTH, 3) float32, linear light of object and background; 1 is a white surface
            under the key light.
        temperature: (VIEW_HEIGHT, VIEW_WIDTH) float32, apparent temperature in kelvin.
        exposure: What the camera multiplies radiance by.
    """

    seed: int
    time_s: float
    pixel: NDArray[np.int64]
    depth: Array
    part: NDArray[np.int64]
    radiance: Array
    temperature: Array
    exposure: float

    @property
    def silhouette(self) -> NDArray[np.bool_]:
        """(VIEW_HEIGHT, VIEW_WIDTH) bool, where the object is seen."""
        mask = np.zeros(VIEW_HEIGHT * VIEW_WIDTH, np.bool_)
        mask[self.pixel] = True
        return mask.reshape(VIEW_HEIGHT, VIEW_WIDTH)
