"""Blueprints of tableware and cookware: each function draws one instance, in metres, standing on z = 0."""

import numpy as np

from omnibind_ros.simulation.blueprint import STEEL_COLOR, Blueprint, Draw, Part
from omnibind_ros.simulation.mesh import arc, ball, join, lathe, rotation, tube

_CERAMIC_COLORS = ("red", "orange", "yellow", "green", "teal", "blue", "purple", "pink", "white", "black", "cream")


def mug(draw: Draw) -> Blueprint:
    """A mug with coffee in it."""
    radius, height = draw.between(0.037, 0.045), draw.between(0.085, 0.11)
    wall = 0.004
    word = draw.pick(_CERAMIC_COLORS)
    material = "enamel" if draw.chance(0.2) else "ceramic"
    inside = draw.shade("white" if draw.chance(0.6) else word)
    body = lathe([(0, 0), (radius * 0.9, 0), (radius, height * 0.06), (radius, height), (radius - wall, height)])
    cavity = lathe([(radius - wall, height), (radius - wall, height * 0.1), (0, height * 0.1)])
    coffee = lathe([(radius - wall, height * 0.82), (0, height * 0.82)])
    reach = draw.between(0.26, 0.34) * height
    curve = arc(-1.45, 1.45, 14) * [reach, height * 0.31]
    handle = tube(
        np.column_stack([np.zeros(14), radius - 0.004 + curve[:, 0], height * 0.5 + curve[:, 1]]), wall * 1.35, 8
    )
    color = draw.shade(word)
    return Blueprint(
        (
            Part(body, material, color, "glaze", 0.75, 1.0),
            Part(cavity, material, inside, "glaze", 0.85, 0.0),
            Part(coffee, "ceramic", draw.shade("brown"), "smooth", 1.0, 0.0),
            Part(handle, material, color, "glaze", 0.3, 2.0),
        ),
        word,
        material,
    )


def wine_glass(draw: Draw) -> Blueprint:
    """A wine glass, filled with red or white wine."""
    height, bowl = draw.between(0.17, 0.23), draw.between(0.036, 0.044)
    base, stem = bowl * draw.between(0.85, 0.98), 0.004
    top = height * 0.45
    foot = lathe([(0, 0), (base, 0), (base, 0.002), (base * 0.3, 0.006), (stem, 0.014), (stem, top - 0.008)])
    shape = np.array([(stem, top - 0.008), (0.45, top), (0.85, top + 0.02), (1.0, top + 0.045)])
    shape[1:, 0] *= bowl
    level = shape[-1, 1]
    rim = bowl * draw.between(0.72, 0.85)
    upper = [(bowl, level), (bowl * 0.97, (level + height) / 2), (rim, height), (rim - 0.001, height)]
    cavity = [(rim - 0.001, height), (bowl * 0.95, (level + height) / 2), (bowl * 0.98, level), (0, level)]
    word = draw.pick(("red", "golden"))
    wine = (0.28, 0.01, 0.03) if word == "red" else (0.72, 0.58, 0.16)
    clear = draw.shade("clear")
    return Blueprint(
        (
            Part(foot, "glass", clear, "smooth", 0.3, 2.0),
            Part(lathe(shape), "colored glass", wine, "smooth", 1.0, 1.0),
            Part(lathe(upper), "glass", clear, "smooth", 0.4, 1.0),
            Part(lathe(cavity), "glass", clear, "smooth", 0.6, 0.0),
        ),
        "clear",
        "glass",
    )


def bottle(draw: Draw) -> Blueprint:
    """A cold glass bottle with a paper label."""
    radius, height = draw.between(0.031, 0.039), draw.between(0.22, 0.29)
    shoulder, neck = height * draw.between(0.52, 0.6), 0.013
    word = draw.pick(("green", "amber", "blue"))
    glass = lathe(
        [
            (0, 0), (radius * 0.92, 0), (radius, 0.006), (radius, shoulder), (radius * 0.85, shoulder + 0.022),
            (neck * 1.25, shoulder + 0.058), (neck, shoulder + 0.075), (neck, height - 0.014),
            (neck * 1.2, height - 0.012), (neck * 1.2, height), (0, height),
        ]
    )  # fmt: skip
    low, high = shoulder * 0.22, shoulder * 0.82
    label = lathe([(radius, low), (radius + 0.0008, low), (radius + 0.0008, high), (radius, high)])
    cap = lathe([(neck * 1.3, height - 0.006), (neck * 1.3, height + 0.004), (0, height + 0.004)])
    return Blueprint(
        (
            Part(glass, "colored glass", draw.shade(word), "stipple", 1.0, 1.2),
            Part(label, "paper", draw.shade(draw.pick(("white", "cream", "yellow", "red"))), "print", 0.9, 0.3),
            Part(cap, "tin", draw.shade(draw.pick(("golden", "red", "silver", "black"))), "ribs", 0.8, 1.0),
        ),
        word,
        "glass",
    )


def soup_can(draw: Draw) -> Blueprint:
    """A tin can of soup with a coloured paper label and bare rims."""
    radius, height = draw.between(0.031, 0.039), draw.between(0.085, 0.115)
    word = draw.pick(("red", "green", "blue", "yellow", "orange"))
    can = lathe(
        [
            (0, 0.002),
            (radius - 0.003, 0.002),
            (radius - 0.003, 0),
            (radius + 0.001, 0),
            (radius + 0.001, 0.004),
            (radius - 0.0005, 0.005),
            (radius - 0.0005, height - 0.005),
            (radius + 0.001, height - 0.004),
            (radius + 0.001, height),
            (radius - 0.002, height),
            (radius - 0.002, height - 0.003),
            (0, height - 0.003),
        ]
    )
    split = height * draw.between(0.42, 0.58)
    lower = lathe([(radius, height * 0.1), (radius, split)])
    upper = lathe([(radius, split), (radius, height * 0.9)])
    return Blueprint(
        (
            Part(can, "tin", draw.shade(STEEL_COLOR), "corrugation", 0.9, 2.0),
            Part(lower, "paper", draw.shade(draw.pick(("white", "cream"))), "print", 1.0, 0.5),
            Part(upper, "paper", draw.shade(word), "corrugation", 1.0, 1.5),
        ),
        word,
        "tin",
    )


def bowl(draw: Draw) -> Blueprint:
    """A wide fluted bowl."""
    radius = draw.between(0.07, 0.09)
    depth = radius * draw.between(0.5, 0.65)
    wood = draw.chance(0.25)
    word = draw.pick(("light wood", "dark wood") if wood else _CERAMIC_COLORS)
    material = "wood" if wood else "ceramic"
    curve = arc(-1.15, 0.0, 9)
    outer = np.column_stack([curve[:, 0] * radius, depth + curve[:, 1] * depth])
    outer[:, 1] += 0.004 - outer[0, 1]
    foot = outer[0, 0] * 0.9
    top = outer[-1, 1]
    inner = outer[::-1] * [0.95, 1.0] + [0.0, 0.004]
    outside = lathe([(0, 0), (foot, 0), (foot, 0.004), *outer, (radius * 0.95, top + 0.004)])
    cavity = lathe([*inner, (0, inner[-1, 1])])
    inside = word if wood or draw.chance(0.5) else "white"
    relief = "grain" if wood else "flutes"
    return Blueprint(
        (
            Part(outside, material, draw.shade(word), relief, 1.0, 1.0),
            Part(cavity, material, draw.shade(inside), relief, 1.0, 0.5),
        ),
        word,
        material,
    )


def plate(draw: Draw) -> Blueprint:
    """A dinner plate standing on its edge, with a coloured rim."""
    radius = draw.between(0.1, 0.13)
    thick = 0.004
    word = draw.pick(("white", "cream", "blue", "teal", "pink", "gray"))
    middle = draw.between(0.58, 0.68) * radius
    center = lathe([(middle, thick + 0.001), (0, thick)], 32)
    ring = radius * 0.93
    flat = lathe([(ring, 0.0175), (middle * 1.05, 0.008), (middle, thick + 0.001)], 32)
    rim = lathe([(radius, 0.02), (ring, 0.0175)], 32)
    back = lathe([(0, 0), (middle * 0.9, 0), (middle * 1.05, 0.003), (radius, 0.017), (radius, 0.02)], 32)
    upright = rotation("z", np.pi) @ rotation("y", np.pi / 2)
    color = draw.shade("white" if draw.chance(0.7) else word)
    accent = draw.shade(draw.pick(("blue", "golden", "teal", "red", "green")))
    stand = [mesh.turned(upright).moved((0, 0, radius)) for mesh in (center, flat, rim, back)]
    return Blueprint(
        (
            Part(stand[0], "ceramic", color, "rings", 1.0, 1.0),
            Part(stand[1], "ceramic", color, "rings", 1.0, 1.0),
            Part(stand[2], "ceramic", accent, "smooth", 1.0, 1.5),
            Part(stand[3], "ceramic", color, "rings", 1.0, 0.3),
        ),
        word,
        "ceramic",
    )


def spoon(draw: Draw) -> Blueprint:
    """A table spoon, handle down."""
    length = draw.between(0.17, 0.21)
    width = length * draw.between(0.1, 0.115)
    scoop = length * 0.15
    handle = length - 2 * scoop
    t = np.linspace(0, 1, 10)
    rod = tube(
        np.column_stack([np.zeros(10), np.zeros(10), t * handle * 1.04]), 0.0035 - 0.0012 * np.sin(np.pi * t / 2), 8
    )
    rod = rod.stretched((0.55, draw.between(1.3, 1.8), 1.0))
    curve = np.column_stack([np.cos(np.linspace(-np.pi / 2, 0, 7)), np.sin(np.linspace(-np.pi / 2, 0, 7))])
    shell = lathe([*curve, *(curve[::-1] * [0.93, 0.86])], 20, 1.0).turned(rotation("y", np.pi / 2))
    shell = shell.stretched((width * 0.5, width, scoop)).moved((width * 0.12, 0, handle + scoop))
    word = draw.pick((STEEL_COLOR, STEEL_COLOR, "golden"))
    return Blueprint(
        (
            Part(shell, "steel", draw.shade(word), "scratches", 1.0, 2.0),
            Part(rod, "steel", draw.shade(word), "smooth", 1.0, 1.0),
        ),
        word,
        "steel",
    )


def frying_pan(draw: Draw) -> Blueprint:
    """A hot cast iron frying pan, tilted so that its inside shows."""
    radius = draw.between(0.11, 0.14)
    depth = radius * 0.3
    body = lathe(
        [(0, 0), (radius * 0.8, 0), (radius, depth), (radius * 0.96, depth), (radius * 0.77, 0.006), (0, 0.006)], 28
    )
    length = radius * draw.between(1.2, 1.5)
    t = np.linspace(0, 1, 6)
    start = radius * 0.93
    grip = tube(np.column_stack([np.zeros(6), start + length * t, depth * 0.8 + 0.02 * t]), 0.009 + 0.004 * t, 8)
    tilt = rotation("y", -draw.between(0.9, 1.15))
    lift = (0, 0, radius * 0.9)
    word = "black"
    handle_material = draw.pick(("wood", "plastic"))
    return Blueprint(
        (
            Part(body.turned(tilt).moved(lift), "iron", draw.shade(word), "pebbled", 1.0, 1.5),
            Part(
                grip.turned(tilt).moved(lift),
                handle_material,
                draw.shade("light wood" if handle_material == "wood" else "black"),
                "grain" if handle_material == "wood" else "satin",
                0.25,
                0.5,
            ),
        ),
        word,
        "iron",
    )


def kettle(draw: Draw) -> Blueprint:
    """A hot steel kettle with spout, lid and handle."""
    radius, height = draw.between(0.075, 0.095), draw.between(0.12, 0.15)
    word = draw.pick((STEEL_COLOR, STEEL_COLOR, "red", "teal", "white"))
    material = "steel" if word == STEEL_COLOR else "enamel"
    body = lathe(
        [
            (0, 0),
            (radius, 0),
            (radius * 1.03, height * 0.2),
            (radius * 0.92, height * 0.6),
            (radius * 0.68, height * 0.92),
            (radius * 0.5, height),
            (0, height * 1.04),
        ]
    )
    knob = ball((0.014, 0.014, 0.014), 12).moved((0, 0, height * 1.04 + 0.01))
    t = np.linspace(0, 1, 7)
    spout_y = -radius * (0.75 + 0.75 * t)
    spout = tube(np.column_stack([0 * t, spout_y, height * (0.35 + 0.55 * t**1.3)]), 0.02 - 0.01 * t, 10)
    curve = arc(0.25, np.pi - 0.25, 12) * [radius * 0.85, height * draw.between(0.62, 0.75)]
    handle = tube(np.column_stack([np.zeros(12), curve[:, 0], height * 0.78 + curve[:, 1]]), 0.008, 8)
    color = draw.shade(word)
    return Blueprint(
        (
            Part(body, material, color, "brushed", 1.0, 1.5),
            Part(spout, material, color, "brushed", 0.8, 0.7),
            Part(join(handle, knob), "plastic", draw.shade("black"), "satin", 0.15, 0.6),
        ),
        word,
        material,
    )
