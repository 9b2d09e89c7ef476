"""What is behind the object: floor, wall and clutter, drawn once for a scene and then only shifted and turned."""

import cv2
import numpy as np
from numpy.typing import NDArray

from omnibind_ros.simulation.sensors import VIEW_FOCAL_PIXELS, VIEW_HEIGHT, VIEW_WIDTH

MARGIN = 32
"""Pixels drawn beyond each edge of the view, for the camera to pan over."""

Image = NDArray[np.float32]


def draw_background(
    rng: np.random.Generator, elevation: float, camera_height_m: float, wall_m: float, object_radius_m: float
) -> Image:
    """Background of a scene as seen by the camera at rest.

    Args:
        rng: Draws materials and clutter.
        elevation: Angle by which the camera looks down, radians.
        camera_height_m: Height of the camera over the floor.
        wall_m: Distance of the wall from the camera along the floor.
        object_radius_m: Radius of the object, for its soft shadow on the floor.

    Returns:
        (VIEW_HEIGHT + 2 MARGIN, VIEW_WIDTH + 2 MARGIN, 4) float32: linear RGB radiance and difference to room
        temperature in kelvin.
    """
    width, height = VIEW_WIDTH + 2 * MARGIN, VIEW_HEIGHT + 2 * MARGIN
    row, column = np.meshgrid(
        (np.arange(height, dtype=np.float32) - height / 2) / VIEW_FOCAL_PIXELS,
        (np.arange(width, dtype=np.float32) - width / 2) / VIEW_FOCAL_PIXELS,
        indexing="ij",
    )
    level, tipped = np.float32(np.cos(elevation)), np.float32(np.sin(elevation))
    forward, down = level - row * tipped, tipped + row * level
    to_floor = camera_height_m / np.maximum(down, 1e-3)
    to_wall = wall_m / np.maximum(forward, 1e-3)
    on_floor = to_floor < to_wall
    reach = np.minimum(to_floor, to_wall)
    ahead, aside, up = forward * reach, column * reach, camera_height_m - down * reach
    # patterns scale with the distance: a desk top under a bolt, floor boards under a bucket
    unit = 0.16 * camera_height_m / max(np.sin(elevation), 0.2)
    floor = _surface(rng, ahead / unit, aside / unit)
    wall = _surface(rng, up / unit * 0.6, aside / unit * 0.6) * float(rng.uniform(0.6, 1.1))
    picture = np.where(on_floor[..., None], floor, wall)
    distance = camera_height_m / np.tan(elevation)
    shadow = np.exp(-(((ahead - distance) ** 2 + aside**2) / (0.55 * object_radius_m**2)))
    picture *= 1.0 - 0.55 * (shadow * on_floor)[..., None]
    warmth = np.where(on_floor, rng.uniform(-0.8, 0.8), rng.uniform(-0.6, 0.6)).astype(np.float32)
    warmth += _clouds(rng, height, width, 24.0) * 0.25
    canvas = np.dstack([picture, warmth]).astype(np.float32)
    _draw_clutter(rng, canvas)
    return canvas


def _surface(rng: np.random.Generator, along: Image, across: Image) -> Image:
    """A pattern of two similar colours in surface coordinates, (H, W, 3)."""
    base = (rng.uniform(0.12, 0.7) * rng.uniform(0.6, 1.15, 3)).astype(np.float32)
    contrast = np.float32(rng.uniform(0.05, 0.4))
    turn = rng.uniform(0, np.pi)
    c, s = np.float32(np.cos(turn)), np.float32(np.sin(turn))
    a, b = along * c - across * s, along * s + across * c
    kind = rng.integers(5)
    if kind == 0:  # boards
        board = np.floor(a)
        pattern = np.sin(board * 12.9898) * 0.6 - 1.0 * (np.abs(a - board - 0.5) > 0.47)
    elif kind == 1:  # tiles
        pattern = -1.0 * ((np.abs(a % 1.0 - 0.5) > 0.46) | (np.abs(b % 1.0 - 0.5) > 0.46))
    elif kind == 2:  # checks
        pattern = np.sign(np.sin(np.pi * a) * np.sin(np.pi * b))
    elif kind == 3:  # stripes
        pattern = np.sin(2 * np.pi * a)
    else:
        pattern = np.zeros_like(a)
    pattern = pattern.astype(np.float32)
    height, width = a.shape
    mottle = _clouds(rng, height, width, 3.0) * 0.2 + _clouds(rng, height, width, 16.0) * 0.25
    shade = 1.0 + contrast * pattern + mottle * np.float32(rng.uniform(0.1, 0.5))
    return np.asarray(np.clip(base * shade[..., None], 0.01, 0.95), np.float32)


def _clouds(rng: np.random.Generator, height: int, width: int, grain: float) -> Image:
    """Smooth noise of about unit deviation with a grain of so many pixels."""
    small = rng.standard_normal((int(height / grain) + 3, int(width / grain) + 3)).astype(np.float32)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC), np.float32)


def _draw_clutter(rng: np.random.Generator, canvas: Image) -> None:
    """Draw things that stand about, out of focus, mostly away from the middle."""
    height, width = canvas.shape[:2]
    layer = canvas.copy()
    for _ in range(int(rng.integers(3, 9))):
        column, row = rng.uniform(0, width), rng.uniform(0, height * 0.75)
        if abs(column - width / 2) < width * 0.2 and row > height * 0.35:
            continue
        gain = rng.uniform(0.05, 0.8)
        red, green, blue = np.clip(gain * rng.uniform(0.3, 1.2, 3), 0.01, 0.95)
        warm = float(rng.choice([0.0, 0.0, rng.uniform(-2.0, 4.0)]))
        value = (float(red), float(green), float(blue), warm)
        size = rng.uniform(8, 38, 2)
        center = (int(column), int(row))
        if rng.random() < 0.5:
            turn = float(rng.choice([0.0, rng.uniform(0, 90)]))
            rectangle = cv2.boxPoints((center, (float(size[0]), float(size[1]) * 2), turn))
            cv2.fillConvexPoly(layer, rectangle.astype(np.int32), value, cv2.LINE_AA)
        elif rng.random() < 0.6:
            cv2.ellipse(layer, center, (int(size[0]), int(size[1])), rng.uniform(0, 180), 0, 360, value, -1)
        else:
            end = (int(column + rng.normal(0, 60)), int(row + rng.normal(0, 60)))
            cv2.line(layer, center, end, value, int(rng.integers(2, 9)))
    canvas[:] = cv2.GaussianBlur(layer, (0, 0), float(rng.uniform(0.6, 2.0)))
