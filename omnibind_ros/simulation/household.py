"""Blueprints of other household objects: each function draws one instance, in metres, standing on z = 0."""

import numpy as np

from omnibind_ros.simulation.blueprint import Blueprint, Draw, Part
from omnibind_ros.simulation.mesh import arc, ball, box, join, lathe, rotation, tube


def light_bulb(draw: Draw) -> Blueprint:
    """A warm, lit light bulb, socket down."""
    radius = draw.between(0.028, 0.035)
    socket = 0.0135
    tip = lathe([(0, 0), (0.006, 0.001), (socket * 0.8, 0.006), (socket * 0.8, 0.008)])
    screw = lathe([(socket, 0.006), (socket, 0.03), (socket * 0.95, 0.034)])
    curve = arc(-0.95, np.pi / 2, 12) * radius
    z = 0.034 + radius * 1.25
    glass = lathe([(socket * 0.95, 0.034), (socket * 1.15, 0.042), *(curve + np.array((0.0, z)))])
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
        [
            (0, 0),
            (size * 0.8, size),
            (size, size * 1.8),
            (size * 0.6, size * 3.2),
            (size * 0.2, size * 4.3),
            (0, size * 4.8),
        ]
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
    title = box((0.0035, width * 0.62, height * 0.3), 0.0005, 2).moved(
        (-thick / 2, 0, height * draw.between(0.55, 0.7))
    )
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
        [
            (0, 0),
            (radius * 0.68, 0),
            (radius * 0.9, lip),
            (radius, lip),
            (radius * 1.05, height),
            (radius * 0.9, height),
        ]
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
    eyes = [ball((size * 0.09,) * 3, 8).moved((side * size * 0.36, -size * 0.87, size * 1.7)) for side in (-1, 1)]
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
        [
            (radius * 0.93, 0.001),
            (radius, 0),
            (radius * 0.86, height * 0.25),
            (radius * 0.66, height * 0.6),
            (radius * 0.55, height * 0.85),
            (radius * 0.35, height * 0.97),
            (0, height),
        ]
    )
    inside = lathe([(radius * 0.93, 0.001), (0, height * 0.9)])
    clapper = ball((radius * 0.18,) * 3, 12).moved((0, 0, 0.004))
    handle = lathe(
        [
            (0.006, height * 0.98),
            (0.006, height * 1.1),
            (0.011, height * 1.35),
            (0.013, height * 1.75),
            (0.009, height * 2.1),
            (0, height * 2.15),
        ]
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
