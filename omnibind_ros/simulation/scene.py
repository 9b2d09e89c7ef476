"""A scene: one object on a turntable, a swaying camera, light, room temperature and background.

The world frame has z up; the object stands at its origin and the camera looks at it along +x. The camera frame has x to
the right, y down and z forward.
"""

from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from omnibind_ros.simulation.background import MARGIN, draw_background
from omnibind_ros.simulation.mesh import rotation
from omnibind_ros.simulation.objects import SimulatedObject
from omnibind_ros.simulation.randomness import generator
from omnibind_ros.simulation.rasterizer import rasterize
from omnibind_ros.simulation.sensors import VIEW_FOCAL_PIXELS, VIEW_HEIGHT, VIEW_WIDTH
from omnibind_ros.simulation.shading import Finish, Light, apparent_warmth, shade
from omnibind_ros.simulation.surface import Surface

Array = NDArray[np.float32]

CAMERA_FROM_WORLD = np.array([[0, -1, 0], [0, 0, -1], [1, 0, 0]], np.float32)
"""Camera axes (right, down, forward) of a level camera that looks along +x."""

_CLOSEST_M = 0.35


class Scene:
    """One object, seen by every sensor.

    Args:
        thing: The object.
        seed: Fixes pose, motion, light, background and temperature.

    Attributes:
        ambient_kelvin: Room temperature.
        light: Lighting.
        camera_position: (3,) metres, world frame.
        elevation: Angle by which the camera looks down, radians.
        wall_m: Distance of the wall from the camera along the floor.
    """

    def __init__(self, thing: SimulatedObject, seed: int) -> None:
        self.object = thing
        self.seed = seed
        rng = generator(seed, "scene " + thing.label)
        self.ambient_kelvin = float(rng.uniform(290.0, 299.0))
        self.elevation = float(rng.uniform(0.2, 0.6))
        self._middle = np.array([0.0, 0.0, float(thing.mesh.vertices[:, 2].max()) / 2], np.float32)
        distance = max(thing.radius_m * float(rng.uniform(3.3, 4.3)), _CLOSEST_M)
        back = np.array([-np.cos(self.elevation), 0.0, np.sin(self.elevation)], np.float32)
        self.camera_position = self._middle + distance * back
        self.wall_m = distance + float(rng.uniform(0.8, 2.5))
        angle = rng.uniform(0, 2 * np.pi)
        key = np.array([-0.55 + 0.35 * np.cos(angle), 0.8 * np.sin(angle), rng.uniform(0.5, 1.0)])
        fill = np.array([-0.6, -key[1], 0.3])
        tint = rng.uniform(-1.0, 1.0)
        self.light = Light(
            key=np.asarray(key / np.linalg.norm(key), np.float32),
            fill=np.asarray(fill / np.linalg.norm(fill), np.float32),
            color=np.array([1.0 + 0.12 * tint, 1.0, 1.0 - 0.16 * tint], np.float32),
            ambient=float(rng.uniform(0.25, 0.5)),
            lamp_kelvin=float(rng.uniform(4.0, 9.0)),
        )
        self._exposure = float(rng.uniform(0.7, 1.35))
        self._yaw = float(rng.uniform(-1.0, 1.0)) * thing.kind.turn
        self._spin = float(rng.choice([-1.0, 1.0]) * rng.uniform(0.4, 0.9))
        self._phase = rng.uniform(0, 2 * np.pi, 8)
        self._rate = rng.uniform(0.7, 1.6, 8)
        self._lean = rng.normal(0.0, 0.05, 2)
        self._background_rng = rng.spawn(1)[0]
        self._finish = Finish(thing)
        mesh = thing.mesh
        self._attributes = np.concatenate([mesh.normals, mesh.texture], axis=1)
        self._latest: Surface | None = None

    def look(self, time_s: float) -> Surface:
        """What the shared viewpoint sees at an instant; the latest one is kept."""
        if self._latest is None or self._latest.time_s != time_s:
            self._latest = self._render(time_s)
        return self._latest

    def pose(self, time_s: float) -> Array:
        """(3, 3) rotation of the object at an instant, world from object."""
        sway = self._waves(time_s)
        turn = self.object.kind.turn
        if turn >= np.pi:
            yaw = self._yaw + self._spin * time_s
        else:
            # a thing with a front swings to and fro instead of turning its edge to the camera
            yaw = turn * np.sin(self._yaw / turn * np.pi / 2 + self._spin * time_s)
        lean = self._lean + 0.04 * sway[:2]
        return np.asarray(rotation("x", lean[0]) @ rotation("y", lean[1]) @ rotation("z", yaw), np.float32)

    def camera_from_world(self, time_s: float) -> Array:
        """(3, 3) rotation of the swaying camera at an instant; its place is `camera_position`."""
        pan, tilt, roll = self._sway(time_s)
        level = rotation("x", float(self.elevation)) @ CAMERA_FROM_WORLD
        return np.asarray(rotation("z", roll) @ rotation("x", tilt) @ rotation("y", pan) @ level, np.float32)

    @cached_property
    def _background(self) -> Array:
        return draw_background(
            self._background_rng,
            self.elevation,
            float(self.camera_position[2]),
            self.wall_m,
            self.object.radius_m,
        )

    def _waves(self, time_s: float) -> NDArray[np.float64]:
        return np.sin(2 * np.pi * self._rate * time_s + self._phase)

    def _sway(self, time_s: float) -> tuple[float, float, float]:
        """Pan, tilt and roll of the camera in radians."""
        waves = self._waves(time_s)
        pan = 0.022 * waves[2] + 0.008 * waves[3]
        tilt = 0.018 * waves[4] + 0.008 * waves[5]
        return float(pan), float(tilt), float(0.02 * waves[6])

    def _render(self, time_s: float) -> Surface:
        mesh, pose, camera = self.object.mesh, self.pose(time_s), self.camera_from_world(time_s)
        local = (mesh.vertices @ pose.T - self.camera_position) @ camera.T
        closeness = 1.0 / np.maximum(local[:, 2], 1e-3)
        center = np.array([(VIEW_WIDTH - 1) / 2, (VIEW_HEIGHT - 1) / 2], np.float32)
        screen = local[:, :2] * (VIEW_FOCAL_PIXELS * closeness)[:, None] + center
        seen = rasterize(screen, closeness, mesh.faces, VIEW_WIDTH, VIEW_HEIGHT)

        corners = mesh.faces[seen.face]
        weights = seen.weights * closeness[corners] / seen.closeness[:, None]
        attributes = np.einsum("pc,pcd->pd", weights, self._attributes[corners])
        normal = attributes[:, :3] @ pose.T
        normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-6)
        to_eye = -(_RAYS[seen.pixel] @ camera)
        part = mesh.part[seen.face]

        pan, tilt, roll = self._sway(time_s)
        behind = _shifted(self._background, pan, tilt, roll)
        flat = behind.reshape(-1, 4)
        picture = behind[..., :3].copy()
        picture.reshape(-1, 3)[seen.pixel] = shade(
            self._finish,
            self.light,
            part=part,
            normal=normal,
            to_eye=to_eye,
            texture=attributes[:, 3:],
            behind=flat[seen.pixel, :3],
        )
        temperature = self.ambient_kelvin + behind[..., 3]
        temperature.reshape(-1)[seen.pixel] = self.ambient_kelvin + apparent_warmth(
            self._finish, self.light, self.object.warmth, part, normal
        )
        return Surface(self.seed, time_s, seen.pixel, 1.0 / seen.closeness, part, picture, temperature, self._exposure)


def _view_rays() -> Array:
    """(VIEW_HEIGHT * VIEW_WIDTH, 3) unit directions of the pixels, camera frame."""
    row, column = np.divmod(np.arange(VIEW_HEIGHT * VIEW_WIDTH), VIEW_WIDTH)
    ray = np.stack(
        [
            (column - (VIEW_WIDTH - 1) / 2) / VIEW_FOCAL_PIXELS,
            (row - (VIEW_HEIGHT - 1) / 2) / VIEW_FOCAL_PIXELS,
            np.ones(len(row)),
        ],
        axis=1,
    )
    return np.asarray(ray / np.linalg.norm(ray, axis=1, keepdims=True), np.float32)


_RAYS = _view_rays()


def _shifted(background: Array, pan: float, tilt: float, roll: float) -> Array:
    """The part of the background in view of a camera turned by small angles."""
    c, s = np.cos(roll), np.sin(roll)
    center_x, center_y = VIEW_WIDTH / 2, VIEW_HEIGHT / 2
    # where in the background the middle of the view looks
    target_x = center_x + MARGIN - VIEW_FOCAL_PIXELS * pan
    target_y = center_y + MARGIN + VIEW_FOCAL_PIXELS * tilt
    matrix = np.array(
        [
            [c, s, target_x - c * center_x - s * center_y],
            [-s, c, target_y + s * center_x - c * center_y],
        ]
    )
    return np.asarray(
        cv2.warpAffine(
            background, matrix, (VIEW_WIDTH, VIEW_HEIGHT), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REFLECT,
        ),
        np.float32,
    )  # fmt: skip
