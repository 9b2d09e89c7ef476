"""A GelSight-like touch sensor: a gel pressed on the object, lit by three coloured lights and seen from behind.

The gel takes the shape of the touched part, from its curvature to its micro-texture; each light makes the slope towards
it brighter (photometric stereo: Yuan, Dong & Adelson, *GelSight*, Sensors 2017; indentation and membrane as in Si &
Yuan, *Taxim*, RA-L 2022). Curved parts are rounded between the corners of their triangles by Phong tessellation
(Boubekeur & Alexa, SIGGRAPH Asia 2008).
"""

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from omnibind_ros.simulation import reliefs
from omnibind_ros.simulation.objects import SimulatedObject
from omnibind_ros.simulation.randomness import generator, noise_image
from omnibind_ros.simulation.rasterizer import rasterize
from omnibind_ros.simulation.sensors import TOUCH_HEIGHT, TOUCH_PIXEL_M, TOUCH_WIDTH

Array = NDArray[np.float32]

CONTACT_PERIOD_S = 1.2
"""A contact begins every so many seconds."""
CONTACT_SHARE = 0.4
"""Share of that time in which something touches the gel; what is left is long enough to see it untouched."""
_RAMP = 0.25
"""Share of a contact in which the gel is pressed down, and of that in which it is lifted."""
_NOISE_COUNTS = 1.2
_MEMBRANE_PIXELS = 5.0
_FAR_BELOW_M = -0.05
_MIDDLE_M = 0.005
"""The gel is pressed until it meets whatever is within this distance of its middle."""
_GEL_M = 0.003
"""Thickness of the gel: it cannot be pressed in further."""

_LIGHT_DIRECTIONS = np.array([[np.cos(angle), np.sin(angle)] for angle in np.radians([180.0, 60.0, -60.0])], np.float32)
"""Where the red, green and blue light stand, in columns and rows."""


@lru_cache(maxsize=1)
def _resting_gel() -> Array:
    row, column = np.meshgrid(np.linspace(-1, 1, TOUCH_HEIGHT), np.linspace(-1, 1, TOUCH_WIDTH), indexing="ij")
    vignette = 118.0 - 22.0 * (row**2 + column**2)
    lights = np.stack([vignette + 16.0 * (column * x + row * y) for x, y in _LIGHT_DIRECTIONS], axis=-1)
    return np.asarray(lights, np.float32)


def no_contact_image() -> NDArray[np.uint8]:
    """What the sensor sees when nothing touches it, (TOUCH_HEIGHT, TOUCH_WIDTH, 3) uint8 RGB, without noise."""
    return np.asarray(np.rint(_resting_gel()), np.uint8)


class TouchSensor:
    """A touch sensor that is pressed on one place of the object after another.

    Args:
        thing: The object.
        seed: Fixes the places, the forces and the noise.
    """

    def __init__(self, thing: SimulatedObject, seed: int) -> None:
        self._object = thing
        self._seed = seed
        self._contact: tuple[int, Array, float] | None = None
        mesh = thing.mesh
        a, b, c = (mesh.vertices[mesh.faces[:, corner]] for corner in range(3))
        area = np.linalg.norm(np.cross(b - a, c - a), axis=1)
        likely = np.cumsum(area * np.array([part.touch for part in thing.parts])[mesh.part])
        self._chance = likely / likely[-1]

    def pressure(self, time_s: float) -> float:
        """How far the gel is pressed at an instant: 0 without contact, 1 when fully pressed."""
        progress = (time_s / CONTACT_PERIOD_S) % 1.0 / CONTACT_SHARE
        return float(np.clip(min(progress, 1.0 - progress) / _RAMP, 0.0, 1.0))

    def contact_image(self, time_s: float, *, lifted: bool = False) -> NDArray[np.uint8]:
        """What the sensor sees at an instant, (TOUCH_HEIGHT, TOUCH_WIDTH, 3) uint8 RGB; nothing if it is `lifted`."""
        image = _resting_gel()
        pressure = 0.0 if lifted else self.pressure(time_s)
        if pressure > 0.0:
            heights, depth_m = self._touched(int(np.floor(time_s / CONTACT_PERIOD_S)))
            image = image + _glow(heights, depth_m * pressure)
        noise = noise_image(generator(self._seed, "touch", time_s), TOUCH_HEIGHT, TOUCH_WIDTH, 3)
        return np.asarray(cv2.scaleAdd(noise, _NOISE_COUNTS, image).clip(0, 255), np.uint8)

    def _touched(self, number: int) -> tuple[Array, float]:
        """Heights under the gel during a contact, and how deep it is pressed."""
        if self._contact is None or self._contact[0] != number:
            rng = generator(self._seed, f"contact {number}")
            heights = contact_heights(self._object, rng, self._chance)
            self._contact = number, heights, float(rng.uniform(0.0011, 0.0018))
        return self._contact[1], self._contact[2]


def contact_heights(thing: SimulatedObject, rng: np.random.Generator, chance: NDArray[np.float64]) -> Array:
    """Heights under the gel, (TOUCH_HEIGHT, TOUCH_WIDTH) float32 metres, 0 at the highest point near the middle.

    Args:
        thing: The object.
        rng: Draws the place.
        chance: (F,) cumulative probability that a face of the object's mesh is touched.
    """
    mesh = thing.mesh
    face = min(int(np.searchsorted(chance, rng.random())), len(chance) - 1)
    weights = rng.dirichlet((1.0, 1.0, 1.0)).astype(np.float32)
    corners = mesh.faces[face]
    place, outward = weights @ mesh.vertices[corners], weights @ mesh.normals[corners]
    outward /= np.linalg.norm(outward)
    down = np.array([0.0, 0.0, -1.0]) if abs(outward[2]) < 0.9 else np.array([1.0, 0.0, 0.0])
    down = down - outward * (down @ outward)
    down /= np.linalg.norm(down)
    right = np.cross(down, -outward)
    turn = float(rng.normal(0.0, 0.3))
    right, down = right * np.cos(turn) + down * np.sin(turn), down * np.cos(turn) - right * np.sin(turn)
    axes = np.column_stack([right, down, outward])
    local = ((mesh.vertices - place) @ axes).astype(np.float32)
    center = np.array([(TOUCH_WIDTH - 1) / 2, (TOUCH_HEIGHT - 1) / 2], np.float32)
    near = np.flatnonzero((local[:, 2] > -0.01)[mesh.faces].any(axis=1))
    seen = rasterize(local[:, :2] / TOUCH_PIXEL_M + center, local[:, 2], mesh.faces[near], TOUCH_WIDTH, TOUCH_HEIGHT)
    faces = near[seen.face]
    corners = mesh.faces[faces]
    # distance of the flat point to the tangent plane of each corner, in the frame of the gel
    slopes = (mesh.normals @ axes).astype(np.float32)
    offsets = np.einsum("vd,vd->v", local, slopes)
    row, column = np.divmod(seen.pixel, TOUCH_WIDTH)
    x, y = (column - center[0]) * TOUCH_PIXEL_M, (row - center[1]) * TOUCH_PIXEL_M
    rounding = np.zeros(len(corners), np.float32)
    for weight, corner in zip(seen.weights.T, corners.T, strict=True):
        slope = slopes[corner]
        above = x * slope[:, 0] + y * slope[:, 1] + seen.closeness * slope[:, 2] - offsets[corner]
        rounding -= (weight * above * slope[:, 2]).astype(np.float32)
    texture = np.einsum("pc,pcd->pd", seen.weights, mesh.texture[corners])
    heights = np.full(TOUCH_WIDTH * TOUCH_HEIGHT, _FAR_BELOW_M, np.float32)
    heights[seen.pixel] = seen.closeness + 0.75 * rounding
    part = mesh.part[faces]
    for number in np.unique(part):
        name = thing.parts[number].relief
        here = part == number
        bumps = reliefs.sample(name, texture[here] + thing.relief_offset[number])
        heights[seen.pixel[here]] += reliefs.RELIEFS[name].depth_m * bumps
    rows, columns = np.divmod(np.arange(len(heights)), TOUCH_WIDTH)
    middle = np.hypot(columns - center[0], rows - center[1]) * TOUCH_PIXEL_M < _MIDDLE_M
    return np.asarray((heights - heights[middle].max()).reshape(TOUCH_HEIGHT, TOUCH_WIDTH), np.float32)


def _glow(heights: Array, depth_m: float) -> Array:
    """Change of brightness (TOUCH_HEIGHT, TOUCH_WIDTH, 3) when the gel is pressed so deep on these heights."""
    indentation = np.clip(heights + depth_m, 0.0, _GEL_M)
    gel = np.maximum(indentation, cv2.GaussianBlur(indentation, (0, 0), _MEMBRANE_PIXELS))
    gel = cv2.GaussianBlur(gel, (0, 0), 0.8) / TOUCH_PIXEL_M
    slope_x, slope_y = cv2.Sobel(gel, cv2.CV_32F, 1, 0, scale=0.125), cv2.Sobel(gel, cv2.CV_32F, 0, 1, scale=0.125)
    steepness = 1.0 / np.sqrt(1.0 + slope_x**2 + slope_y**2)
    toward = np.stack([-(slope_x * x + slope_y * y) * steepness for x, y in _LIGHT_DIRECTIONS], axis=-1)
    pressed = cv2.GaussianBlur((indentation > 0).astype(np.float32), (0, 0), 2.0)
    return np.asarray(135.0 * toward - (14.0 * pressed + 30.0 * (1.0 - steepness))[..., None], np.float32)
