"""A solid-state LiDAR at the shared viewpoint: the object, the floor, walls and boxes that stand about.

The sensor frame is level, x forward, y to the left, z up (REP 103), with its origin in the camera; only its rays look
down with the camera. Rays that meet the object take their range from the shared buffers, the others from planes and
boxes (slab method, Kay & Kajiya, SIGGRAPH 1986).
"""

import numpy as np
from numpy.typing import NDArray

from omnibind_ros.simulation.mesh import rotation
from omnibind_ros.simulation.randomness import generator
from omnibind_ros.simulation.scene import Scene
from omnibind_ros.simulation.sensors import (
    LIDAR_COLUMNS,
    LIDAR_FIELD_DEGREES,
    LIDAR_ROWS,
    VIEW_FOCAL_PIXELS,
    VIEW_HEIGHT,
    VIEW_WIDTH,
)

Array = NDArray[np.float32]

MOST_RANGE_M = 8.0
_NOISE_M = 0.0012
_LOST = 0.01
"""Share of the rays that do not return."""


class Lidar:
    """A LiDAR that looks at a scene.

    Args:
        scene: What it looks at.
    """

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        across, down = np.radians(LIDAR_FIELD_DEGREES)
        azimuth, altitude = np.meshgrid(
            np.linspace(across / 2, -across / 2, LIDAR_COLUMNS),
            np.linspace(down / 2, -down / 2, LIDAR_ROWS),
        )
        level = np.cos(altitude)
        forward = np.stack([level * np.cos(azimuth), level * np.sin(azimuth), np.sin(altitude)], -1)
        rays = forward.reshape(-1, 3) @ rotation("y", scene.elevation).T
        self._rays = np.asfortranarray(rays, np.float32)
        self._room_range = self._range_of_room()

    def scan(self, time_s: float) -> Array:
        """All points of an instant, (N, 3) float32 metres in the sensor frame."""
        reach, _ = self._ranges(time_s)
        returned = reach < MOST_RANGE_M
        return self._rays[returned] * reach[returned, None]

    def object_points(self, time_s: float) -> Array:
        """The points of `scan` that lie on the object, (N, 3) float32 metres in the sensor frame."""
        reach, on_object = self._ranges(time_s)
        chosen = on_object & (reach < MOST_RANGE_M)
        return self._rays[chosen] * reach[chosen, None]

    def _ranges(self, time_s: float) -> tuple[Array, NDArray[np.bool_]]:
        """Range of every ray, and whether it meets the object."""
        scene = self._scene
        surface = scene.look(time_s)
        depth = np.full(VIEW_HEIGHT * VIEW_WIDTH, np.inf, np.float32)
        depth[surface.pixel] = surface.depth
        local = self._rays @ scene.camera_from_world(time_s).T
        scale = VIEW_FOCAL_PIXELS / np.maximum(local[:, 2], 0.1)
        column = np.rint(local[:, 0] * scale + (VIEW_WIDTH - 1) / 2).astype(np.int64)
        row = np.rint(local[:, 1] * scale + (VIEW_HEIGHT - 1) / 2).astype(np.int64)
        inside = (column >= 0) & (column < VIEW_WIDTH) & (row >= 0) & (row < VIEW_HEIGHT)
        reach = self._room_range.copy()
        at_object = np.full(len(reach), np.inf, np.float32)
        at_object[inside] = depth[row[inside] * VIEW_WIDTH + column[inside]] / local[inside, 2]
        on_object = np.isfinite(at_object)
        reach[on_object] = at_object[on_object]
        rng = generator(scene.seed, "lidar", time_s)
        reach += rng.standard_normal(len(reach), dtype=np.float32) * _NOISE_M
        reach[rng.random(len(reach)) < _LOST] = np.inf
        return reach, on_object

    def _range_of_room(self) -> Array:
        """Range of every ray without the object; infinite where nothing is met."""
        scene, rays = self._scene, self._rays
        rng = generator(scene.seed, "room")
        height = float(scene.camera_position[2])
        aside = rng.uniform(1.2, 3.0, 2).astype(np.float32)
        with np.errstate(divide="ignore", invalid="ignore"):
            to_planes = [-height / rays[:, 2], scene.wall_m / rays[:, 0], aside[0] / rays[:, 1], -aside[1] / rays[:, 1]]
            per_meter = 1.0 / rays
            reach = np.min([np.where(t > 0, t, np.inf) for t in to_planes], axis=0)
            distance = -float(scene.camera_position[0])
            for _ in range(int(rng.integers(2, 5))):
                size = rng.uniform(0.08, 0.35, 3).astype(np.float32)
                ahead = rng.uniform(distance + 0.3 + size[0], max(scene.wall_m, distance + 0.7 + size[0]))
                low = np.array([ahead - size[0] / 2, rng.uniform(-1.0, 1.0) - size[1] / 2, -height], np.float32)
                first, second = low * per_meter, (low + size) * per_meter
                enter = np.maximum.reduce(np.minimum(first, second).T)
                leave = np.minimum.reduce(np.maximum(first, second).T)
                reach = np.where((enter > 0) & (enter < leave), np.minimum(reach, enter), reach)
        return np.asarray(reach, np.float32)
