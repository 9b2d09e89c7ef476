"""Blueprints of household objects: each function draws one instance, in metres, standing on z = 0."""

import numpy as np

from omnibind_ros.simulation.blueprint import Blueprint, Draw, Part
from omnibind_ros.simulation.mesh import ball, box, join, lathe, rotation, tube

_CERAMIC_COLORS = ("red", "orange", "yellow", "green", "teal", "blue", "purple", "pink", "white", "black", "cream")
_STEEL = "silver"


def _arc(start: float, end: float, count: int = 12) -> np.ndarray:
    angle = np.linspace(start, end, count)
    return np.column_stack([np.cos(angle), np.sin(angle)])


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
    curve = _arc(-1.45, 1.45, 14) * [reach, height * 0.31]
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
            (neck * 1.25, shoulder + 0.058), (neck, shoulder + 0.075), (neck, height - 0.014), (neck * 1.2, height - 0.012),
            (neck * 1.2, height), (0, height),
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
        [(0, 0.002), (radius - 0.003, 0.002), (radius - 0.003, 0), (radius + 0.001, 0), (radius + 0.001, 0.004)]
        + [(radius - 0.0005, 0.005), (radius - 0.0005, height - 0.005), (radius + 0.001, height - 0.004)]
        + [(radius + 0.001, height), (radius - 0.002, height), (radius - 0.002, height - 0.003), (0, height - 0.003)]
    )
    split = height * draw.between(0.42, 0.58)
    lower = lathe([(radius, height * 0.1), (radius, split)])
    upper = lathe([(radius, split), (radius, height * 0.9)])
    return Blueprint(
        (
            Part(can, "tin", draw.shade(_STEEL), "corrugation", 0.9, 2.0),
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
    curve = _arc(-1.15, 0.0, 9)
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
    rod = tube(np.column_stack([np.zeros(10), np.zeros(10), t * handle * 1.04]), 0.0035 - 0.0012 * np.sin(np.pi * t / 2), 8)
    rod = rod.stretched((0.55, draw.between(1.3, 1.8), 1.0))
    curve = np.column_stack([np.cos(np.linspace(-np.pi / 2, 0, 7)), np.sin(np.linspace(-np.pi / 2, 0, 7))])
    shell = lathe([*curve, *(curve[::-1] * [0.93, 0.86])], 20, 1.0).turned(rotation("y", np.pi / 2))
    shell = shell.stretched((width * 0.5, width, scoop)).moved((width * 0.12, 0, handle + scoop))
    word = draw.pick((_STEEL, _STEEL, "golden"))
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
    word = draw.pick((_STEEL, _STEEL, "red", "teal", "white"))
    material = "steel" if word == _STEEL else "enamel"
    body = lathe(
        [(0, 0), (radius, 0), (radius * 1.03, height * 0.2), (radius * 0.92, height * 0.6)]
        + [(radius * 0.68, height * 0.92), (radius * 0.5, height), (0, height * 1.04)]
    )
    knob = ball((0.014, 0.014, 0.014), 12).moved((0, 0, height * 1.04 + 0.01))
    t = np.linspace(0, 1, 7)
    spout_y = -radius * (0.75 + 0.75 * t)
    spout = tube(np.column_stack([0 * t, spout_y, height * (0.35 + 0.55 * t**1.3)]), 0.02 - 0.01 * t, 10)
    curve = _arc(0.25, np.pi - 0.25, 12) * [radius * 0.85, height * draw.between(0.62, 0.75)]
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


def light_bulb(draw: Draw) -> Blueprint:
    """A warm, lit light bulb, socket down."""
    radius = draw.between(0.028, 0.035)
    socket = 0.0135
    tip = lathe([(0, 0), (0.006, 0.001), (socket * 0.8, 0.006), (socket * 0.8, 0.008)])
    screw = lathe([(socket, 0.006), (socket, 0.03), (socket * 0.95, 0.034)])
    curve = _arc(-0.95, np.pi / 2, 12) * radius
    z = 0.034 + radius * 1.25
    glass = lathe([(socket * 0.95, 0.034), (socket * 1.15, 0.042), *(curve + [0.0, z])])
    warm = (1.0, draw.between(0.82, 0.94), draw.between(0.5, 0.8))
    return Blueprint(
        (
            Part(glass, "glass", warm, "smooth", 1.0, 3.0, glow=draw.between(0.5, 0.9)),
            Part(screw, "brass", draw.shade("silver" if draw.chance(0.5) else "golden"), "thread", 0.5, 1.0),
            Part(tip, "plastic", draw.shade("black"), "smooth", 0.4, 0.2),
        ),
        "clear",
        "glass",
    )


def candle(draw: Draw) -> Blueprint:
    """A burning candle."""
    radius, height = draw.between(0.018, 0.03), draw.between(0.09, 0.15)
    word = draw.pick(("white", "cream", "red", "purple", "green"))
    body = lathe([(0, 0), (radius, 0), (radius, height), (radius * 0.85, height), (radius * 0.6, height - 0.004)])
    pool = lathe([(radius * 0.65, height - 0.003), (0, height - 0.004)])
    wick = tube([(0, 0, height - 0.006), (0.0005, 0, height + 0.004), (0.001, 0, height + 0.01)], 0.001, 6)
    size = draw.between(0.006, 0.008)
    flame = lathe(
        [(0, 0), (size * 0.8, size), (size, size * 1.8), (size * 0.6, size * 3.2), (size * 0.2, size * 4.3), (0, size * 4.8)]
    ).moved((0, 0, height + 0.006))
    return Blueprint(
        (
            Part(body, "wax", draw.shade(word), "drips", 0.05, 2.0),
            Part(pool, "wax", draw.shade(word), "smooth", 0.3, 0.0),
            Part(wick, "paper", draw.shade("black"), "fuzz", 0.8, 0.0),
            Part(flame, "flame", (1.0, 0.72, 0.25), "smooth", 1.0, 0.0, glow=2.0),
        ),
        word,
        "wax",
    )


def sponge(draw: Draw) -> Blueprint:
    """A kitchen sponge with a scouring side."""
    length = draw.between(0.1, 0.125)
    width, thick = length * draw.between(0.58, 0.68), draw.between(0.026, 0.036)
    word = draw.pick(("yellow", "yellow", "orange", "pink", "blue"))
    upright = rotation("y", np.pi / 2)
    soft = box((width, length, thick), 0.005, 4).turned(upright).moved((-0.002, 0, width / 2))
    scour = box((width, length, 0.008), 0.002, 4).turned(upright).moved((thick / 2 + 0.002, 0, width / 2))
    return Blueprint(
        (
            Part(soft, "foam", draw.shade(word), "pores", 1.0, 1.5),
            Part(scour, "felt", draw.shade("green"), "fuzz", 1.0, 0.4),
        ),
        word,
        "foam",
    )


def tennis_ball(draw: Draw) -> Blueprint:
    """A tennis ball with its white seam."""
    radius = draw.between(0.0325, 0.0345)
    t = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    a, b = 0.75, 0.25
    seam = np.column_stack(
        [a * np.cos(t) + b * np.cos(3 * t), a * np.sin(t) - b * np.sin(3 * t), 2 * np.sqrt(a * b) * np.sin(2 * t)]
    )
    line = tube(seam * radius * 0.985, 0.0018, 6, closed=True)
    word = "lime"
    return Blueprint(
        (
            Part(ball((radius,) * 3, 24).moved((0, 0, radius)), "felt", draw.shade(word), "fuzz", 1.0, 1.5),
            Part(line.moved((0, 0, radius)), "rubber", draw.shade("white"), "smooth", 1.0, 1.0),
        ),
        "yellow",
        "felt",
    )


def book(draw: Draw) -> Blueprint:
    """A hardcover book standing upright."""
    height = draw.between(0.19, 0.25)
    width, thick = height * draw.between(0.64, 0.75), draw.between(0.022, 0.045)
    word = draw.pick(("red", "green", "blue", "teal", "purple", "brown", "black"))
    cover = [box((0.003, width, height), 0.001, 3).moved((side * thick / 2, 0, height / 2)) for side in (-1, 1)]
    spine = box((thick + 0.003, 0.003, height), 0.001, 3).moved((0, -width / 2, height / 2))
    pages = box((thick - 0.002, width * 0.95, height * 0.95), 0.001, 3).moved((0, 0, height / 2))
    title = box((0.0035, width * 0.62, height * 0.3), 0.0005, 2).moved((-thick / 2, 0, height * draw.between(0.55, 0.7)))
    return Blueprint(
        (
            Part(join(*cover, spine), "paper", draw.shade(word), "weave", 1.0, 1.5),
            Part(pages, "paper", draw.shade("cream"), "pages", 1.0, 2.0),
            Part(title, "paper", draw.shade(draw.pick(("golden", "white", "cream"))), "print", 1.0, 0.5),
        ),
        word,
        "paper",
    )


def flower_pot(draw: Draw) -> Blueprint:
    """A terracotta flower pot with earth and a green plant."""
    radius, height = draw.between(0.05, 0.07), draw.between(0.09, 0.12)
    lip = height * 0.78
    pot = lathe(
        [(0, 0), (radius * 0.68, 0), (radius * 0.9, lip), (radius, lip), (radius * 1.05, height), (radius * 0.9, height)]
    )
    earth = lathe([(radius * 0.95, height * 0.93), (0, height * 0.97)])
    leaves = []
    count = int(draw.between(5, 8))
    for number in range(count):
        turn, lean = 2 * np.pi * number / count + draw.between(-0.3, 0.3), draw.between(0.35, 0.9)
        leaf = ball((0.004, 0.014, radius * draw.between(0.6, 0.85)), 10).moved((0, 0, radius * 0.8))
        leaves.append(leaf.turned(rotation("z", turn) @ rotation("y", lean)).moved((0, 0, height * 0.92)))
    word = draw.pick(("terracotta", "terracotta", "terracotta", "brown"))
    return Blueprint(
        (
            Part(pot, "clay", draw.shade(word), "terracotta", 1.0, 2.0),
            Part(earth, "foam", (0.09, 0.06, 0.04), "pores", 0.7, 0.0),
            Part(join(*leaves), "wax", draw.shade("green"), "drips", 0.2, 0.0),
        ),
        word,
        "clay",
    )


def rubber_duck(draw: Draw) -> Blueprint:
    """A rubber duck."""
    size = draw.between(0.036, 0.046)
    word = draw.pick(("yellow", "yellow", "yellow", "pink"))
    body = ball((size * 0.75, size * 1.1, size * 0.7), 24).moved((0, 0, size * 0.66))
    tail = ball((size * 0.3, size * 0.4, size * 0.3), 14).turned(rotation("x", 0.7)).moved((0, size, size))
    wings = [
        ball((size * 0.12, size * 0.5, size * 0.33), 14).moved((side * size * 0.7, size * 0.15, size * 0.8))
        for side in (-1, 1)
    ]
    head = ball((size * 0.52,) * 3, 20).moved((0, -size * 0.55, size * 1.55))
    bill = ball((size * 0.28, size * 0.35, size * 0.12), 14).moved((0, -size * 1.1, size * 1.45))
    eyes = [
        ball((size * 0.09,) * 3, 8).moved((side * size * 0.36, -size * 0.87, size * 1.7)) for side in (-1, 1)
    ]
    return Blueprint(
        (
            Part(join(body, tail, *wings, head), "rubber", draw.shade(word), "smooth", 1.0, 1.0),
            Part(bill, "rubber", draw.shade("orange"), "smooth", 1.0, 0.8),
            Part(join(*eyes), "plastic", draw.shade("black"), "smooth", 1.0, 0.0),
        ),
        word,
        "rubber",
    )


def hand_bell(draw: Draw) -> Blueprint:
    """A brass hand bell with a wooden handle."""
    radius = draw.between(0.04, 0.052)
    height = radius * draw.between(1.3, 1.55)
    shell = lathe(
        [(radius * 0.93, 0.001), (radius, 0), (radius * 0.86, height * 0.25), (radius * 0.66, height * 0.6)]
        + [(radius * 0.55, height * 0.85), (radius * 0.35, height * 0.97), (0, height)]
    )
    inside = lathe([(radius * 0.93, 0.001), (0, height * 0.9)])
    clapper = ball((radius * 0.18,) * 3, 12).moved((0, 0, 0.004))
    handle = lathe(
        [(0.006, height * 0.98), (0.006, height * 1.1), (0.011, height * 1.35), (0.013, height * 1.75), (0.009, height * 2.1)]
        + [(0, height * 2.15)]
    )
    dark = draw.pick(("dark wood", "light wood", "black"))
    return Blueprint(
        (
            Part(shell, "brass", draw.shade("golden"), "rings", 1.0, 2.0),
            Part(inside, "brass", draw.shade("golden"), "smooth", 1.0, 0.0),
            Part(clapper, "iron", draw.shade("gray"), "smooth", 1.0, 0.0),
            Part(handle, "wood", draw.shade(dark), "grain", 1.2, 0.6),
        ),
        "golden",
        "brass",
    )
