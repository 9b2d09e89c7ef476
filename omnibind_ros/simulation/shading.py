"""Light and heat that leave a surface point.

Light: Lambert and Blinn-Phong under one key light, one fill light and a hemisphere; metals mirror a striped studio;
glass lets the background through except where it is seen at a grazing angle (Schlick, 1994). Heat: what lies between
the temperature of the part, its warming by the key light, and the room mirrored by a surface of low emissivity.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from omnibind_ros.simulation import reliefs
from omnibind_ros.simulation.materials import MATERIALS
from omnibind_ros.simulation.objects import SimulatedObject

Array = NDArray[np.float32]


@dataclass(frozen=True)
class Light:
    """Lighting of a scene.

    Attributes:
        key: (3,) unit vector towards the key light, world frame.
        fill: (3,) unit vector towards the fill light.
        color: (3,) colour of the key light.
        ambient: Share of light that comes from everywhere.
        lamp_kelvin: Warming of a black surface that faces the key light.
    """

    key: Array
    fill: Array
    color: Array
    ambient: float
    lamp_kelvin: float


class Finish:
    """The properties of an object's parts as arrays, to be looked up by part number."""

    def __init__(self, thing: SimulatedObject) -> None:
        materials = [MATERIALS[part.material] for part in thing.parts]
        self.color = np.array([part.color for part in thing.parts], np.float32)
        self.glow = np.array([part.glow for part in thing.parts], np.float32)
        self.specular = np.array([material.specular for material in materials], np.float32)
        self.gloss = np.array([material.gloss for material in materials], np.float32)
        self.metal = np.array([material.metal for material in materials], np.float32)
        self.transparency = np.array([material.transparency for material in materials], np.float32)
        self.emissivity = np.array([material.emissivity for material in materials], np.float32)
        self.absorption = np.array([material.absorption for material in materials], np.float32)
        self.heat = np.array([part.heat for part in thing.parts], np.float32)
        self._relief_names = [part.relief for part in thing.parts]
        self._relief_offset = thing.relief_offset
        self.is_metallic = bool(self.metal.any())
        self.is_transparent = bool(self.transparency.any())

    def brightness(self, part: NDArray[np.int64], texture: Array) -> Array:
        """(P,) relative brightness from the relief of parts (P,) at texture coordinates (P, 2) in metres."""
        result = np.ones(len(part), np.float32)
        for number, name in enumerate(self._relief_names):
            here = np.flatnonzero(part == number)
            if len(here):
                heights = reliefs.sample(name, texture[here] + self._relief_offset[number])
                result[here] += reliefs.RELIEFS[name].contrast * heights
        return result


def shade(
    finish: Finish,
    light: Light,
    *,
    part: NDArray[np.int64],
    normal: Array,
    to_eye: Array,
    texture: Array,
    behind: Array,
) -> Array:
    """Radiance (P, 3) of surface points.

    Args:
        finish: Properties of the parts.
        light: Lighting.
        part: (P,) number of the part.
        normal: (P, 3) unit, world frame.
        to_eye: (P, 3) unit, from the point to the camera, world frame.
        texture: (P, 2) metres.
        behind: (P, 3) radiance of the background at the same pixels.
    """
    albedo = finish.color[part] * finish.brightness(part, texture)[:, None]
    toward_key = np.maximum(normal @ light.key, 0.0)
    diffuse = light.ambient * (0.7 + 0.3 * normal[:, 2]) + 0.3 * np.maximum(normal @ light.fill, 0.0)
    lit = diffuse[:, None] + (0.85 * toward_key)[:, None] * light.color
    facing = np.maximum(np.einsum("ij,ij->i", normal, to_eye), 0.0)
    halfway = to_eye + light.key
    halfway /= np.linalg.norm(halfway, axis=1, keepdims=True)
    highlight = finish.specular[part] * np.maximum(np.einsum("ij,ij->i", normal, halfway), 0.0) ** finish.gloss[part]
    result = albedo * lit
    if finish.is_metallic:
        mirrored = 2.0 * facing * normal[:, 2] - to_eye[:, 2]
        aside = 2.0 * facing * normal[:, 1] - to_eye[:, 1]
        studio = 0.35 + 0.45 * mirrored + 0.3 * np.cos(7.0 * aside) * (1.0 - mirrored**2)
        metal = finish.metal[part][:, None]
        result = result * (1.0 - metal) + metal * albedo * (np.maximum(studio, 0.05) + 0.45 * toward_key)[:, None]
    if finish.is_transparent:
        clearness = (finish.transparency[part] * (1.0 - (1.0 - facing) ** 2.5))[:, None]
        result = result * (1.0 - clearness) + behind * clearness
    glow = finish.glow[part][:, None] * finish.color[part]
    return np.asarray(result + highlight[:, None] * light.color + glow, np.float32)


def apparent_warmth(finish: Finish, light: Light, warmth: float, part: NDArray[np.int64], normal: Array) -> Array:
    """Apparent temperature (P,) of surface points over room temperature, kelvin.

    Args:
        finish: Properties of the parts.
        light: Lighting.
        warmth: Difference of the object to room temperature, kelvin.
        part: (P,) number of the part.
        normal: (P, 3) unit, world frame.
    """
    lamp = light.lamp_kelvin * (0.35 + 0.65 * np.maximum(normal @ light.key, 0.0))
    excess = warmth * finish.heat[part] + finish.absorption[part] * lamp
    return np.asarray(finish.emissivity[part] * excess, np.float32)
