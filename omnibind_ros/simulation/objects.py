"""The catalogue of simulated objects, and the instances drawn from it.

An instance is known by its label and an integer seed, which fix its exact size, proportions, colours, texture and
temperature. Instances are split by seed: training uses seeds below HELD_OUT_SEED, validation, tests and demos use seeds
from HELD_OUT_SEED on, so that no instance is ever seen by both.
"""

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.simulation import household, tableware, workshop
from omnibind_ros.simulation.blueprint import Blueprint, Draw, Part
from omnibind_ros.simulation.mesh import Mesh, merge

HELD_OUT_SEED = 1_000_000
"""Seeds from here on are never used for training."""

Family = Literal["bar", "plate", "shell", "block", "box"]
"""How a shape vibrates; see sound.py."""


@dataclass(frozen=True)
class Vibration:
    """What a shape contributes to the sound of an impact.

    Attributes:
        family: Kind of modes.
        length_m: Length between nodes, diameter of a shell or plate.
        wall_m: Thickness that bends.
        damping: Decay in 1/s added by what holds or fills the object.
    """

    family: Family
    length_m: float
    wall_m: float
    damping: float


@dataclass(frozen=True)
class ObjectClass:
    """A kind of object.

    Attributes:
        label: Its name.
        blueprint: Draws the parts of one instance.
        shape: Words for its shape, for captions.
        family: How it vibrates.
        length: Length that vibrates as a share of the longest edge of its bounding box.
        wall_m: Thickness that bends, metres.
        damping: Decay of its sound in 1/s added by what holds or fills it.
        warmth: Range of its difference to room temperature, kelvin.
        turn: Largest turn away from its front in radians; pi for objects that look alike from all around.
        description: One sentence about it.
    """

    label: str
    blueprint: Callable[[Draw], Blueprint]
    shape: str
    family: Family
    length: float
    wall_m: float
    damping: float
    warmth: tuple[float, float]
    turn: float
    description: str


_ROUND = np.pi

OBJECT_CLASSES: tuple[ObjectClass, ...] = (
    ObjectClass(
        "mug", tableware.mug, "cylindrical with a handle", "shell", 0.8, 0.0042, 22.0, (28.0, 45.0), _ROUND,
        "a drinking mug with a handle, filled with hot coffee",
    ),
    ObjectClass(
        "wine glass", tableware.wine_glass, "stemmed", "shell", 0.36, 0.0013, 5.0, (-9.0, -3.0), _ROUND,
        "a stemmed glass of wine that rings for long when tapped",
    ),
    ObjectClass(
        "bottle", tableware.bottle, "tall and narrow-necked", "shell", 0.27, 0.0035, 24.0, (-17.0, -10.0), _ROUND,
        "a cold glass bottle with a paper label",
    ),
    ObjectClass(
        "soup can", tableware.soup_can, "cylindrical", "shell", 0.7, 0.0006, 75.0, (14.0, 26.0), _ROUND,
        "a warm tin can of soup with a printed label",
    ),
    ObjectClass(
        "bowl", tableware.bowl, "round and hollow", "shell", 0.95, 0.006, 9.0, (0.0, 2.0), _ROUND,
        "a wide bowl with a fluted surface",
    ),
    ObjectClass(
        "plate", tableware.plate, "round and flat", "plate", 0.95, 0.0045, 7.0, (0.0, 2.0), 0.9,
        "a round dinner plate standing on its edge",
    ),
    ObjectClass(
        "spoon", tableware.spoon, "slender with a round end", "bar", 0.95, 0.0024, 14.0, (0.0, 1.0), 0.9,
        "a polished metal table spoon",
    ),
    ObjectClass(
        "frying pan", tableware.frying_pan, "round and flat with a long handle",
        "plate", 0.5, 0.0042, 16.0, (70.0, 110.0), 0.7,
        "a hot cast iron frying pan with a long handle",
    ),
    ObjectClass(
        "kettle", tableware.kettle, "bulbous with a spout", "shell", 0.55, 0.0008, 30.0, (45.0, 70.0), _ROUND,
        "a kettle with boiling water, a spout and an insulated handle",
    ),
    ObjectClass(
        "light bulb", household.light_bulb, "pear-shaped", "shell", 0.55, 0.0008, 55.0, (45.0, 75.0), _ROUND,
        "a glowing light bulb with a screw socket",
    ),
    ObjectClass(
        "candle", household.candle, "cylindrical with a flame", "block", 0.9, 0.04, 60.0, (140.0, 200.0), _ROUND,
        "a burning wax candle",
    ),
    ObjectClass(
        "hammer", workshop.hammer, "T-shaped", "bar", 0.55, 0.02, 70.0, (0.0, 2.0), _ROUND,
        "a claw hammer with a steel head",
    ),
    ObjectClass(
        "screwdriver", workshop.screwdriver, "long and thin", "bar", 0.6, 0.007, 90.0, (1.0, 4.0), _ROUND,
        "a screwdriver with a ribbed plastic handle",
    ),
    ObjectClass(
        "wrench", workshop.wrench, "long with open jaws", "bar", 1.0, 0.009, 10.0, (0.0, 2.0), 0.95,
        "an open-end wrench of forged steel",
    ),
    ObjectClass(
        "paint roller", workshop.paint_roller, "T-shaped with a soft roll", "box", 0.5, 0.003, 45.0, (0.0, 2.0), 0.95,
        "a paint roller with a fleece cover",
    ),
    ObjectClass(
        "bolt", workshop.bolt, "threaded with a hexagonal head", "bar", 0.95, 0.006, 30.0, (0.0, 2.0), _ROUND,
        "a large threaded bolt with a hexagonal head",
    ),
    ObjectClass(
        "gear", workshop.gear, "round with teeth", "plate", 0.9, 0.0095, 4.0, (0.0, 2.0), 0.9,
        "a toothed gear wheel with lightening holes",
    ),
    ObjectClass(
        "brick", workshop.brick, "rectangular", "bar", 0.95, 0.045, 60.0, (1.0, 4.0), _ROUND,
        "a rough fired clay brick",
    ),
    ObjectClass(
        "wooden block", workshop.wooden_block, "cubic", "block", 0.9, 0.05, 45.0, (0.0, 1.0), _ROUND,
        "a solid block of wood with visible grain",
    ),
    ObjectClass(
        "sponge", household.sponge, "rectangular and soft", "block", 0.9, 0.03, 60.0, (-5.0, -2.0), 0.95,
        "a damp porous kitchen sponge with a scouring side",
    ),
    ObjectClass(
        "tennis ball", household.tennis_ball, "spherical", "shell", 0.9, 0.009, 30.0, (4.0, 8.0), _ROUND,
        "a fuzzy tennis ball with a white seam",
    ),
    ObjectClass(
        "book", household.book, "rectangular with pages", "plate", 0.8, 0.02, 50.0, (0.0, 2.0), 1.1,
        "a hardcover book",
    ),
    ObjectClass(
        "cardboard box", workshop.cardboard_box, "large and rectangular", "box", 0.9, 0.005, 20.0, (0.0, 2.0), _ROUND,
        "a closed cardboard box with packing tape",
    ),
    ObjectClass(
        "pipe", workshop.pipe, "tubular and bent", "bar", 1.2, 0.024, 12.0, (-12.0, -7.0), 0.95,
        "a metal pipe elbow with knurled collars and cold water inside",
    ),
    ObjectClass(
        "bucket", workshop.bucket, "conical and hollow with a wire handle",
        "shell", 0.75, 0.008, 8.0, (-2.0, 0.0), _ROUND,
        "a plastic bucket with a wire handle",
    ),
    ObjectClass(
        "traffic cone", workshop.traffic_cone, "conical", "shell", 0.5, 0.02, 10.0, (2.0, 5.0), _ROUND,
        "a rubber traffic cone with reflecting bands",
    ),
    ObjectClass(
        "dumbbell", workshop.dumbbell, "two weights on a bar", "block", 0.95, 0.1, 18.0, (0.0, 2.0), 0.95,
        "an iron dumbbell with a knurled grip",
    ),
    ObjectClass(
        "hand bell", household.hand_bell, "bell-shaped with a handle", "shell", 0.5, 0.0042, 2.5, (0.0, 2.0), _ROUND,
        "a brass hand bell with a wooden handle",
    ),
    ObjectClass(
        "rubber duck", household.rubber_duck, "duck-shaped", "shell", 0.7, 0.005, 35.0, (2.0, 5.0), _ROUND,
        "a rubber duck with an orange bill",
    ),
    ObjectClass(
        "flower pot", household.flower_pot, "conical with leaves", "shell", 0.75, 0.006, 28.0, (-3.0, 0.0), _ROUND,
        "a terracotta flower pot with a green plant",
    ),
)  # fmt: skip
"""Every kind of object of the simulated world."""

LABELS: tuple[str, ...] = tuple(kind.label for kind in OBJECT_CLASSES)

_CLASSES = {kind.label: kind for kind in OBJECT_CLASSES}


@dataclass(frozen=True, eq=False)
class SimulatedObject:
    """One instance of an object class.

    Attributes:
        kind: Its class.
        seed: Its number within the class.
        parts: Its parts; `mesh.part` points into them.
        mesh: The whole surface, standing on z = 0 and centred over the origin, metres.
        size_m: Longest edge of its bounding box.
        radius_m: Radius of the sphere about the middle of its bounding box that holds it.
        color: Word for its main colour.
        material: Its main material, a key of MATERIALS.
        warmth: Its difference to room temperature, kelvin.
        vibration: What its shape contributes to its sound.
        relief_offset: (P, 2) where in the tile the texture of each part begins, metres.
    """

    kind: ObjectClass
    seed: int
    parts: tuple[Part, ...]
    mesh: Mesh
    size_m: float
    radius_m: float
    color: str
    material: str
    warmth: float
    vibration: Vibration
    relief_offset: NDArray[np.float32]

    @property
    def label(self) -> str:
        """Name of its class."""
        return self.kind.label


def make_object(label: str, seed: int) -> SimulatedObject:
    """The instance of a label with this seed; equal arguments give equal objects.

    Raises:
        ConfigurationError: There is no such label.
    """
    if label not in _CLASSES:
        raise ConfigurationError(f"no simulated object is called {label!r}", remedy=f"use one of {', '.join(LABELS)}")
    kind = _CLASSES[label]
    rng = np.random.default_rng([zlib.crc32(label.encode()), seed])
    blueprint = kind.blueprint(Draw(rng))
    mesh = merge([part.mesh for part in blueprint.parts])
    low, high = mesh.vertices.min(axis=0), mesh.vertices.max(axis=0)
    mesh = mesh.moved((-(low[0] + high[0]) / 2, -(low[1] + high[1]) / 2, -low[2]))
    extent = high - low
    middle = np.array([0.0, 0.0, extent[2] / 2])
    size = float(extent.max())
    return SimulatedObject(
        kind=kind,
        seed=seed,
        parts=blueprint.parts,
        mesh=mesh,
        size_m=size,
        radius_m=float(np.linalg.norm(mesh.vertices - middle, axis=1).max()),
        color=blueprint.color_word,
        material=blueprint.material,
        warmth=float(rng.uniform(*kind.warmth)),
        vibration=Vibration(
            kind.family,
            kind.length * size,
            kind.wall_m * float(rng.uniform(0.86, 1.16)),
            kind.damping * float(rng.uniform(0.65, 1.5)),
        ),
        relief_offset=rng.uniform(0.0, 1.0, (len(blueprint.parts), 2)).astype(np.float32),
    )
