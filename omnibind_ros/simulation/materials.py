"""Materials: one table from which every sensor takes what it sees of a substance.

Speeds of sound, loss factors and emissivities are rounded from engineering tables (Cremer & Heckl, *Structure-Borne
Sound*; infrared emissivity tables of thermography handbooks). Where an object is painted or glazed the emissivity is
that of the coat.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Material:
    """A homogeneous substance.

    Attributes:
        word: What people call it in a caption.
        specular: Strength of the highlight, 0 to 1.
        gloss: Blinn-Phong exponent of the highlight.
        metal: Share of the light that is mirrored and tinted by the colour, 0 to 1.
        transparency: Share of the background seen through it at normal incidence, 0 to 1.
        emissivity: Thermal emissivity, 0 to 1; the rest is reflected room temperature.
        absorption: Share of lamp light that turns into heat, 0 to 1.
        sound_speed: Longitudinal speed sqrt(E / density) in m/s.
        loss: Loss factor of vibration; a mode of frequency f decays with pi * f * loss per second.
        hardness: 0 to 1, how short and bright the contact of a tap is.
    """

    word: str
    specular: float
    gloss: float
    metal: float
    transparency: float
    emissivity: float
    absorption: float
    sound_speed: float
    loss: float
    hardness: float


MATERIALS: dict[str, Material] = {
    "steel": Material("steel", 0.7, 50.0, 0.75, 0.0, 0.35, 0.35, 5100.0, 0.0015, 1.0),
    "tin": Material("tin", 0.5, 30.0, 0.6, 0.0, 0.45, 0.35, 5000.0, 0.006, 0.85),
    "iron": Material("cast iron", 0.25, 12.0, 0.15, 0.0, 0.85, 0.8, 4400.0, 0.006, 0.95),
    "brass": Material("brass", 0.7, 40.0, 0.7, 0.0, 0.3, 0.35, 3480.0, 0.0008, 1.0),
    "copper": Material("copper", 0.7, 35.0, 0.7, 0.0, 0.3, 0.35, 3750.0, 0.0025, 0.95),
    "enamel": Material("enamelled metal", 0.6, 60.0, 0.0, 0.0, 0.9, 0.5, 5000.0, 0.003, 0.95),
    "ceramic": Material("ceramic", 0.5, 60.0, 0.0, 0.0, 0.92, 0.45, 4800.0, 0.005, 0.95),
    "glass": Material("glass", 0.9, 90.0, 0.0, 0.72, 0.9, 0.2, 5500.0, 0.0012, 1.0),
    "colored glass": Material("glass", 0.9, 80.0, 0.05, 0.3, 0.9, 0.35, 5500.0, 0.002, 1.0),
    "wood": Material("wooden", 0.08, 10.0, 0.0, 0.0, 0.92, 0.6, 3800.0, 0.022, 0.65),
    "clay": Material("clay", 0.02, 4.0, 0.0, 0.0, 0.94, 0.65, 2700.0, 0.012, 0.85),
    "plastic": Material("plastic", 0.35, 28.0, 0.0, 0.0, 0.94, 0.55, 1700.0, 0.04, 0.6),
    "rubber": Material("rubber", 0.1, 8.0, 0.0, 0.0, 0.95, 0.7, 320.0, 0.14, 0.25),
    "foam": Material("foam", 0.0, 2.0, 0.0, 0.0, 0.95, 0.55, 120.0, 0.4, 0.05),
    "felt": Material("felt", 0.0, 2.0, 0.0, 0.0, 0.95, 0.55, 260.0, 0.22, 0.12),
    "wax": Material("wax", 0.25, 14.0, 0.0, 0.05, 0.95, 0.4, 1300.0, 0.07, 0.4),
    "paper": Material("paper", 0.03, 6.0, 0.0, 0.0, 0.93, 0.4, 900.0, 0.12, 0.3),
    "cardboard": Material("cardboard", 0.02, 4.0, 0.0, 0.0, 0.93, 0.5, 1500.0, 0.07, 0.4),
    "flame": Material("flame", 0.0, 2.0, 0.0, 0.15, 0.9, 0.0, 300.0, 0.5, 0.0),
}
