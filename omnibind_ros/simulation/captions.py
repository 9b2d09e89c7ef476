"""Sentences about an object made from its true attributes, for aligning sensors with text."""

from omnibind_ros.simulation.materials import MATERIALS
from omnibind_ros.simulation.objects import SimulatedObject

_LARGE_M, _SMALL_M = 0.25, 0.12


def temperature_word(thing: SimulatedObject) -> str:
    """How warm the object feels: hot, warm, cold or room-temperature."""
    if thing.warmth > 40.0:
        return "hot"
    if thing.warmth > 3.0:
        return "warm"
    return "cold" if thing.warmth < -2.0 else "room-temperature"


def captions(thing: SimulatedObject) -> tuple[str, ...]:
    """Several sentences, from the plain label to what every sensor can tell."""
    material = MATERIALS[thing.material].word
    size = "large" if thing.size_m > _LARGE_M else "small" if thing.size_m < _SMALL_M else "medium-sized"
    heat = temperature_word(thing)
    color = "" if thing.color in {material, thing.material} else f"{thing.color} "
    relief = max(thing.parts, key=lambda part: part.touch).relief
    return (
        f"a photo of a {color}{material} {thing.label}",
        f"a {thing.label}",
        thing.kind.description,
        f"a {size}, {thing.kind.shape} object: a {thing.label}",
        f"a thermal image of a {heat} {thing.label}",
        f"the sound of tapping a {material} {thing.label}",
        f"the feel of a {material} {thing.label} with a {relief} surface",
        f"a {heat} {color}{thing.label} made of {material}",
    )


def hint(thing: SimulatedObject) -> str:
    """What a person might say about the object without naming it."""
    material = MATERIALS[thing.material].word
    return f"something {temperature_word(thing)}, {thing.kind.shape}, {thing.color}, made of {material}"
