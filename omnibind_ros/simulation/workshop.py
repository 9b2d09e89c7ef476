"""Blueprints of workshop objects: each function draws one instance, in metres, standing on z = 0."""

import numpy as np

from omnibind_ros.simulation.blueprint import STEEL_COLOR, Blueprint, Draw, Part
from omnibind_ros.simulation.mesh import box, circle, extrude, join, lathe, rotation, tube

_BRIGHT = ("red", "orange", "yellow", "green", "blue", "black")


def hammer(draw: Draw) -> Blueprint:
    """A claw hammer, handle down."""
    length = draw.between(0.27, 0.33)
    handle = lathe(
        [(0, 0), (0.014, 0.002), (0.015, length * 0.2), (0.011, length * 0.6), (0.011, length), (0, length)], 14
    ).stretched((0.75, 1.15, 1.0))
    wood = draw.chance(0.7)
    z = length - 0.012
    face = lathe([(0, 0), (0.014, 0), (0.016, 0.004), (0.016, 0.02), (0.011, 0.028), (0.011, 0.05)], 16)
    face = face.turned(rotation("x", -np.pi / 2)).moved((0, -0.065, z))
    block = box((0.024, 0.036, 0.03), 0.003, 2).moved((0, 0, z))
    t = np.linspace(0, 1, 8)
    claws = [
        tube(np.column_stack([side * 0.007 * (0.6 + t), 0.015 + 0.06 * t, z - 0.028 * t**2]), 0.009 - 0.006 * t, 8)
        for side in (-1, 1)
    ]
    return Blueprint(
        (
            Part(join(face, block, *claws), "steel", draw.shade(draw.pick((STEEL_COLOR, "gray"))), "satin", 1.0, 2.0),
            Part(
                handle,
                "wood" if wood else "rubber",
                draw.shade("light wood" if wood else draw.pick(("red", "blue", "black"))),
                "grain" if wood else "stipple",
                1.3,
                0.6,
            ),
        ),
        "light wood" if wood else STEEL_COLOR,
        "steel",
    )


def screwdriver(draw: Draw) -> Blueprint:
    """A screwdriver, blade up."""
    grip, shaft = draw.between(0.09, 0.11), draw.between(0.1, 0.14)
    radius = draw.between(0.013, 0.016)
    word = draw.pick(_BRIGHT)
    handle = lathe(
        [
            (0, 0),
            (radius * 0.7, 0),
            (radius, 0.01),
            (radius, grip * 0.6),
            (radius * 0.62, grip * 0.78),
            (radius * 0.85, grip * 0.95),
            (radius * 0.5, grip),
            (0, grip),
        ],
        16,
    )
    blade = lathe(
        [(0.0035, grip), (0.0035, grip + shaft * 0.88), (0.0045, grip + shaft * 0.95), (0.001, grip + shaft)], 10
    )
    band = lathe([(radius * 1.02, 0.012), (radius * 1.02, 0.022)], 16)
    return Blueprint(
        (
            Part(handle, "plastic", draw.shade(word), "ribs", 1.2, 2.0),
            Part(blade, "steel", draw.shade(STEEL_COLOR), "smooth", 1.0, 0.5),
            Part(band, "plastic", draw.shade("black" if word != "black" else "yellow"), "ribs", 1.2, 0.5),
        ),
        word,
        "plastic",
    )


def wrench(draw: Draw) -> Blueprint:
    """An open-end wrench with a ring at the other end."""
    length = draw.between(0.16, 0.22)
    shank, jaw = length * 0.038, length * draw.between(0.095, 0.115)
    gap, top = jaw * 0.5, length - jaw
    angle = np.linspace(-np.pi / 2 + 0.45, np.pi / 2 - 0.5, 7)
    right = np.column_stack([np.cos(angle) * jaw, top + np.sin(angle) * jaw])
    mouth = np.array([(gap, top + jaw * 0.72), (gap, top), (gap * 0.55, top - jaw * 0.3)])
    left = np.concatenate([mouth, right[::-1]]) * [-1, 1]
    ring = jaw * 0.92
    lower = np.linspace(np.pi * 1.5 - 2.7, np.pi * 1.5 + 2.7, 15)
    bottom = np.column_stack([np.cos(lower), np.sin(lower)]) * ring + [0, ring]
    outline = np.concatenate(
        [bottom, [(shank, top - jaw)], right, mouth, left[:3][::-1], left[3:], [(-shank, top - jaw)]]
    )
    hole = circle(ring * 0.6, 12, center=(0, ring))[::-1]
    body = extrude([outline, hole], length * 0.032, 0.012)
    return Blueprint(
        (Part(body, "steel", draw.shade(STEEL_COLOR), "satin", 1.0, 1.0),),
        STEEL_COLOR,
        "steel",
    )


def paint_roller(draw: Draw) -> Blueprint:
    """A paint roller with its fleece cover, handle down."""
    width, radius = draw.between(0.11, 0.15), draw.between(0.02, 0.027)
    word = draw.pick(("white", "cream", "yellow"))
    grip = draw.between(0.1, 0.12)
    top = grip + 0.11
    fleece = lathe([(0, 0), (radius, 0.001), (radius, width), (0, width)], 18, 0.03)
    fleece = fleece.turned(rotation("x", -np.pi / 2)).moved((0, -width / 2, top))
    side = width / 2 + 0.018
    wire = tube(
        [
            (0, -width / 2, top), (0, side - 0.004, top), (0, side, top - 0.006), (0, side, grip + 0.06),
            (0, side * 0.7, grip + 0.05), (0, 0.006, grip + 0.045), (0, 0, grip + 0.035), (0, 0, grip - 0.01),
        ],
        0.0032,
        8,
    )  # fmt: skip
    handle = lathe([(0, 0), (0.012, 0.002), (0.015, grip * 0.4), (0.011, grip * 0.8), (0.013, grip), (0, grip)], 14)
    return Blueprint(
        (
            Part(fleece, "felt", draw.shade(word), "nap", 1.0, 1.5),
            Part(wire, "steel", draw.shade(STEEL_COLOR), "smooth", 1.0, 0.3),
            Part(handle, "plastic", draw.shade(draw.pick(_BRIGHT)), "satin", 1.3, 0.4),
        ),
        word,
        "felt",
    )


def bolt(draw: Draw) -> Blueprint:
    """A large hexagon head bolt, head down."""
    radius = draw.between(0.009, 0.012)
    length = draw.between(0.065, 0.095)
    head = radius * 0.75
    hexagon = extrude([circle(radius * 1.9, 6)], head * 1.6, 0.02).turned(rotation("y", np.pi / 2))
    shaft = lathe([(radius, head * 1.6), (radius, length * 0.97), (radius * 0.85, length), (0, length)], 18, 0.02)
    word = draw.pick((STEEL_COLOR, STEEL_COLOR, "golden", "black"))
    return Blueprint(
        (
            Part(hexagon.moved((0, 0, head * 0.8)), "steel", draw.shade(word), "satin", 1.0, 0.7),
            Part(shaft, "steel", draw.shade(word), "thread", 1.0, 3.0),
        ),
        word,
        "steel",
    )


def gear(draw: Draw) -> Blueprint:
    """A spur gear standing on its teeth, with lightening holes."""
    teeth = int(draw.between(14, 21))
    radius = draw.between(0.05, 0.07)
    depth = radius * 0.15
    pitch = 2 * np.pi / teeth
    outline = []
    for tooth in range(teeth):
        for place, height in ((0.0, 0.0), (0.3, 0.0), (0.42, 1.0), (0.75, 1.0), (0.87, 0.0)):
            angle, r = (tooth + place) * pitch, radius + height * depth
            outline.append((np.cos(angle) * r, np.sin(angle) * r))
    holes = [circle(radius * draw.between(0.2, 0.26), 14)[::-1]]
    spokes = draw.pick((4, 5, 6))
    for spoke in range(spokes):
        angle = 2 * np.pi * spoke / spokes
        center = (np.cos(angle) * radius * 0.6, np.sin(angle) * radius * 0.6)
        holes.append(circle(radius * 0.16, 10, center=center)[::-1])
    word = draw.pick(("golden", "golden", STEEL_COLOR, "gray"))
    material = "brass" if word == "golden" else "steel"
    body = extrude([np.array(outline), *holes], draw.between(0.014, 0.022), 0.02).moved((0, 0, radius + depth))
    return Blueprint((Part(body, material, draw.shade(word), "scratches", 1.0, 1.0),), word, material)


def brick(draw: Draw) -> Blueprint:
    """A clay brick, with or without core holes."""
    size = (draw.between(0.09, 0.11), draw.between(0.19, 0.22), draw.between(0.055, 0.07))
    word = draw.pick(("rust red", "rust red", "terracotta", "gray"))
    body = box(size, 0.003, 4).moved((0, 0, size[2] / 2))
    parts = [Part(body, "clay", draw.shade(word), "pitted", 1.0, 1.0)]
    if draw.chance(0.6):
        holes = [
            lathe([(0.013, 0), (0, 0)], 14).moved((0, y, size[2] + 0.0005))
            for y in (-size[1] * 0.27, 0, size[1] * 0.27)
        ]
        parts.append(Part(join(*holes), "clay", (0.05, 0.03, 0.03), "pitted", 1.0, 0.0))
    return Blueprint(tuple(parts), word, "clay")


def wooden_block(draw: Draw) -> Blueprint:
    """A cube-like block of wood."""
    edge = draw.between(0.045, 0.065)
    size = (edge, edge * draw.between(0.95, 1.3), edge * draw.between(0.9, 1.1))
    word = draw.pick(("light wood", "light wood", "dark wood"))
    body = box(size, 0.003, 3).moved((0, 0, size[2] / 2))
    return Blueprint((Part(body, "wood", draw.shade(word), "grain", 1.0, 1.0),), word, "wood")


def cardboard_box(draw: Draw) -> Blueprint:
    """A closed cardboard box with packing tape."""
    size = (draw.between(0.2, 0.28), draw.between(0.26, 0.36), draw.between(0.16, 0.24))
    body = box(size, 0.003, 4).moved((0, 0, size[2] / 2))
    tape = [
        box((0.05, size[1] + 0.002, 0.001), 0.0004, 2).moved((0, 0, size[2] + 0.0005)),
        *(
            box((0.05, 0.001, size[2] * 0.3), 0.0004, 2).moved((0, y * (size[1] / 2 + 0.001), size[2] * 0.85))
            for y in (-1, 1)
        ),
    ]
    label = box((0.001, size[1] * 0.3, size[2] * 0.35), 0.0004, 2).moved(
        (-size[0] / 2 - 0.001, size[1] * 0.2, size[2] * 0.6)
    )
    return Blueprint(
        (
            Part(body, "cardboard", draw.shade("kraft brown"), "board", 1.0, 2.0),
            Part(join(*tape), "plastic", draw.shade(draw.pick(("cream", "brown"))), "smooth", 1.0, 0.2),
            Part(label, "paper", draw.shade("white"), "print", 1.0, 0.2),
        ),
        "kraft brown",
        "cardboard",
    )


def pipe(draw: Draw) -> Blueprint:
    """A copper pipe elbow with collars, cold water running through."""
    radius = draw.between(0.013, 0.017)
    up, along = draw.between(0.13, 0.18), draw.between(0.09, 0.13)
    bend = radius * 2.2
    angle = np.linspace(0, np.pi / 2, 8)
    curve = np.column_stack([0 * angle, bend * (np.cos(angle) - 1), up + bend * (np.sin(angle) - 1)])
    path = np.concatenate([[(0, 0, 0), (0, 0, up * 0.4)], curve, [(0, -along * 0.8, up), (0, -along, up)]])
    bar = tube(path, radius, 14)
    collars = [
        lathe([(radius, 0), (radius * 1.25, 0), (radius * 1.25, 0.018), (radius, 0.018)], 14).moved(
            (0, 0, up - bend - 0.02)
        ),
        lathe([(radius, 0), (radius * 1.25, 0), (radius * 1.25, 0.018), (radius, 0.018)], 14)
        .turned(rotation("x", np.pi / 2))
        .moved((0, -bend, up)),
        lathe([(0, 0), (radius * 1.2, 0), (radius * 1.2, 0.014), (radius, 0.014)], 14),
    ]
    word = draw.pick(("copper", "copper", "copper", "golden"))
    material = "copper" if word == "copper" else "brass"
    color = draw.shade(word)
    return Blueprint(
        (
            Part(bar, material, color, "smooth", 1.0, 1.0),
            Part(join(*collars), material, color, "knurl", 1.0, 2.0),
        ),
        word,
        material,
    )


def bucket(draw: Draw) -> Blueprint:
    """A bucket with a wire handle."""
    radius, height = draw.between(0.13, 0.16), draw.between(0.24, 0.3)
    word = draw.pick(("blue", "red", "green", "black", "yellow"))
    foot = radius * draw.between(0.68, 0.78)
    outside = lathe(
        [
            (0, 0),
            (foot, 0),
            (radius * 0.97, height * 0.9),
            (radius * 1.04, height * 0.9),
            (radius * 1.04, height),
            (radius * 0.97, height),
        ],
        28,
        0.1,
    )
    inside = lathe([(radius * 0.97, height), (foot * 0.96, 0.01), (0, 0.01)], 28, 0.1)
    curve = np.linspace(0, np.pi, 15)
    lift = draw.between(0.6, 0.95)
    handle = tube(
        np.column_stack(
            (
                -np.sin(curve) * radius * np.sqrt(1 - lift**2),
                np.cos(curve) * radius * 1.05,
                height * 0.93 + np.sin(curve) * radius * lift,
            )
        ),
        0.004,
        8,
    )
    color = draw.shade(word)
    return Blueprint(
        (
            Part(outside, "plastic", color, "corrugation", 1.0, 1.5),
            Part(inside, "plastic", color, "satin", 1.0, 0.3),
            Part(handle, "steel", draw.shade(STEEL_COLOR), "smooth", 1.0, 0.5),
        ),
        word,
        "plastic",
    )


def traffic_cone(draw: Draw) -> Blueprint:
    """A traffic cone with reflecting bands."""
    height = draw.between(0.3, 0.45)
    radius, tip = height * 0.28, height * 0.05
    base = box((radius * 2.5, radius * 2.5, height * 0.05), 0.006, 3).moved((0, 0, height * 0.025))
    band = draw.shade("white")

    def side(low: float, high: float, swell: float = 0.0) -> list[tuple[float, float]]:
        return [(radius + (tip - radius) * t + swell, height * (0.05 + 0.95 * t)) for t in (low, high)]

    body = lathe([*side(0, 1), (0, height)], 24, 0.15)
    bands = [lathe(side(low, high, 0.0012), 24) for low, high in ((0.35, 0.52), (0.66, 0.8))][: draw.pick((1, 2))]
    return Blueprint(
        (
            Part(body, "rubber", draw.shade("orange"), "stipple", 1.0, 1.0),
            Part(base, "rubber", draw.shade(draw.pick(("orange", "black"))), "stipple", 0.8, 1.0),
            Part(join(*bands), "plastic", band, "weave", 0.8, 0.5),
        ),
        "orange",
        "rubber",
    )


def dumbbell(draw: Draw) -> Blueprint:
    """A dumbbell with knurled grip and hexagonal or round weights."""
    length, weight = draw.between(0.22, 0.3), draw.between(0.045, 0.062)
    grip = 0.015
    width = length * 0.27
    word = draw.pick(("black", "black", "gray", "blue", "pink"))
    if draw.chance(0.6):
        head = extrude([circle(weight, 6)], width, 0.05).turned(rotation("z", np.pi / 2))
    else:
        head = lathe(
            [(0, 0), (weight * 0.85, 0), (weight, 0.008), (weight, width - 0.008), (weight * 0.85, width), (0, width)]
        )
        head = head.turned(rotation("x", -np.pi / 2)).moved((0, -width / 2, 0))
    offset = length / 2 - width / 2
    weights = [head.moved((0, side * offset, weight)) for side in (-1, 1)]
    bar = lathe([(grip, 0), (grip * 1.15, length * 0.25), (grip, length * 0.5)], 14)
    bar = bar.turned(rotation("x", -np.pi / 2)).moved((0, -length * 0.25, weight))
    return Blueprint(
        (
            Part(join(*weights), "iron", draw.shade(word), "pebbled", 1.0, 0.7),
            Part(bar, "steel", draw.shade(STEEL_COLOR), "knurl", 1.5, 4.0),
        ),
        word,
        "iron",
    )
