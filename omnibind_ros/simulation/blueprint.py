"""What an object is built from: parts with a shape, a material and a finish, drawn with exact sizes and colours."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from omnibind_ros.simulation.mesh import Mesh

Choice = TypeVar("Choice")
Color = tuple[float, float, float]

COLORS: dict[str, Color] = {
    "red": (0.72, 0.10, 0.08),
    "orange": (0.92, 0.38, 0.06),
    "yellow": (0.93, 0.76, 0.12),
    "green": (0.12, 0.45, 0.16),
    "teal": (0.08, 0.48, 0.47),
    "blue": (0.10, 0.22, 0.62),
    "purple": (0.38, 0.16, 0.48),
    "pink": (0.88, 0.46, 0.56),
    "white": (0.88, 0.87, 0.84),
    "cream": (0.90, 0.83, 0.66),
    "gray": (0.45, 0.46, 0.47),
    "black": (0.06, 0.06, 0.07),
    "brown": (0.36, 0.20, 0.10),
    "light wood": (0.74, 0.55, 0.34),
    "dark wood": (0.42, 0.25, 0.14),
    "silver": (0.74, 0.75, 0.77),
    "golden": (0.80, 0.60, 0.24),
    "copper": (0.80, 0.43, 0.28),
    "rust red": (0.62, 0.25, 0.16),
    "terracotta": (0.76, 0.40, 0.25),
    "clear": (0.80, 0.86, 0.88),
    "amber": (0.45, 0.22, 0.05),
    "kraft brown": (0.66, 0.49, 0.31),
    "lime": (0.76, 0.86, 0.14),
}
"""Linear RGB reflectance of the words for colours that captions use."""

STEEL_COLOR = "silver"


@dataclass(frozen=True)
class Part:
    """A part of an object.

    Attributes:
        mesh: Its surface in the frame of the object.
        material: A key of MATERIALS.
        color: Linear RGB reflectance.
        relief: A key of RELIEFS.
        heat: Its share of the object's difference to room temperature.
        touch: How likely it is touched, relative to its area.
        glow: Light it gives off, relative to what a white surface reflects under the key light.
    """

    mesh: Mesh
    material: str
    color: Color
    relief: str = "smooth"
    heat: float = 1.0
    touch: float = 1.0
    glow: float = 0.0


@dataclass(frozen=True)
class Blueprint:
    """The parts of one instance, and the words for its main colour and material."""

    parts: tuple[Part, ...]
    color_word: str
    material: str


class Draw:
    """Draws an instance's sizes and colours from its seed."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng

    def between(self, low: float, high: float) -> float:
        """A number of the range, uniformly."""
        return float(self._rng.uniform(low, high))

    def pick(self, choices: Sequence[Choice]) -> Choice:
        """One of the choices, evenly."""
        return choices[int(self._rng.integers(len(choices)))]

    def chance(self, probability: float) -> bool:
        """True with the given probability."""
        return bool(self._rng.random() < probability)

    def shade(self, word: str) -> Color:
        """A colour that goes by this word: no two instances have quite the same."""
        gain = self._rng.uniform(0.82, 1.15) * self._rng.uniform(0.94, 1.06, 3)
        red, green, blue = np.clip(np.array(COLORS[word]) * gain, 0.02, 0.97)
        return float(red), float(green), float(blue)
