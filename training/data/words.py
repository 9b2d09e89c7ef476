"""Words a person would use to a robot, so that the text student knows more than the simulation's own captions."""

from collections.abc import Sequence

import numpy as np


def _listed(text: str) -> tuple[str, ...]:
    """The comma-separated entries of a text."""
    return tuple(" ".join(entry.split()) for entry in text.split(","))


COLOURS = _listed("""
    red, orange, yellow, green, blue, purple, pink, brown, black, white, grey, gray, silver, golden, beige,
    turquoise, dark, bright, pale, colourful, transparent, clear
""")
MATERIALS = _listed("""
    metal, steel, iron, aluminium, copper, brass, plastic, rubber, wood, wooden, bamboo, cardboard, paper, glass,
    ceramic, porcelain, clay, stone, concrete, leather, fabric, cloth, cotton, wool, foam, sponge, wax, silicone,
    nylon, carbon, enamel, chrome, tin
""")
ADJECTIVES = _listed("""
    small, large, big, tiny, tall, short, long, thin, thick, round, flat, square, heavy, light, smooth, rough,
    shiny, matte, hard, soft, hollow, solid, warm, hot, cold, cool, wet, dry, clean, dirty, old, new, rusty,
    polished, textured, ribbed, curved, straight, sharp, blunt, empty, full, open, closed, loud, quiet, dull,
    ringing, fragile, sturdy, flexible, rigid, cylindrical, rectangular, spherical, conical, hexagonal, threaded,
    striped
""")
OBJECTS = _listed("""
    mug, cup, bottle, can, jar, bowl, plate, glass, vase, pot, pan, kettle, teapot, jug, bucket, box, crate, carton,
    package, basket, bag, book, notebook, pen, pencil, marker, ruler, scissors, knife, fork, spoon, spatula, ladle,
    whisk, chopping board, tray, tin, lid, hammer, mallet, screwdriver, wrench, spanner, pliers, saw, file, drill,
    drill bit, clamp, vice, chisel, tape measure, level, screw, bolt, nut, washer, nail, gear, bearing, spring,
    pipe, tube, rod, bar, bracket, hinge, chain, cable, wire, plug, socket, battery, lamp, bulb, torch, candle,
    lantern, phone, keyboard, mouse, remote control, speaker, camera, clock, watch, toaster, ball, tennis ball,
    football, golf ball, dice, cube, brick, block, cone, cylinder, pyramid, ring, disc, toy, doll, teddy bear, car,
    shoe, boot, hat, helmet, glove, towel, pillow, cushion, sponge, brush, broom, soap, toothbrush, comb, mirror,
    umbrella, apple, orange, banana, lemon, pear, potato, tomato, onion, carrot, egg, bread, cheese, chocolate bar,
    cereal box, milk carton, chair, table, stool, bench, shelf, drawer, door, window, wall, floor, plant, flower
    pot, stone, pebble, log, stick, leaf, coin, key, padlock, lock, bell, whistle, drum, guitar, flute, magnet,
    rope, tape roll, paper roll, toilet roll, funnel, tap, valve, hose, barrel, tank, gas cylinder, fire
    extinguisher, traffic cone, pallet, tyre, wheel, pulley, fan, motor, pump, sensor, robot, person, hand, face,
    dog, cat
""")
_PATTERNS = (
    "{object}",
    "a {object}",
    "the {object}",
    "a photo of a {object}",
    "a {colour} {object}",
    "a {material} {object}",
    "a {adjective} {object}",
    "a {adjective} {colour} {object}",
    "a {adjective} {material} {object}",
    "a {colour} {material} {object}",
    "something made of {material}",
    "something {adjective} and {colour}",
    "the sound of a {material} {object}",
    "a {object} made of {material}",
    "find the {colour} {object}",
    "is there a {object}",
)


def article(word: str) -> str:
    """`a` or `an`, by how most words that begin with these letters sound."""
    sounds_like_consonant = word.lower().startswith(("one", "uni", "use", "eu"))
    return "an" if word[0].lower() in "aeiou" and not sounds_like_consonant else "a"


def common_phrases(count: int, seed: int, extra_objects: Sequence[str] = ()) -> list[str]:
    """A number of short phrases from common words, `extra_objects` among the objects; the same for the same seed."""
    generator = np.random.default_rng(seed)
    objects = [*OBJECTS, *extra_objects]
    return [
        str(generator.choice(_PATTERNS)).format(
            object=generator.choice(objects),
            colour=generator.choice(COLOURS),
            material=generator.choice(MATERIALS),
            adjective=generator.choice(ADJECTIVES),
        )
        for _ in range(count)
    ]


def all_words() -> list[str]:
    """Every word and object name of the lists."""
    return [*COLOURS, *MATERIALS, *ADJECTIVES, *OBJECTS]
