"""Point clouds to the input of a point encoder: one object, a fixed number of points, centred and of unit size."""

import math
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, field_validator

from omnibind_ros.errors import InputError
from omnibind_ros.messages.points import PointCloud
from omnibind_ros.preprocessing.model_input import ModelInput
from omnibind_ros.preprocessing.newest_frame import NewestFrame
from omnibind_ros.preprocessing.point_sampling import sample_indices
from omnibind_ros.preprocessing.point_segmentation import STREET, TABLETOP, Segmentation, Vector, object_indices


class PointSettings(BaseModel):
    """How a cloud becomes one input.

    points, channels: shape of the input; 6 channels are x, y, z and r, g, b in [0, 1].
    missing_colour: red, green and blue of a cloud without colour.
    up: the direction that is up in the cloud's frame; (0, -1, 0) for a camera's optical frame. Before anything else the
        points are turned so that it becomes z.
    axes: which coordinate of the z-up points goes first, second, third; (0, 2, 1) for encoders that know y as up.
    segmentation: how the object is cut out, or None for clouds that already hold one object and nothing else.
    confident_points: an object of at least so many points has the quality 1.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    points: int = Field(ge=1)
    channels: Literal[3, 6]
    missing_colour: float = Field(default=0.4, ge=0, le=1)
    up: Vector = (0.0, 0.0, 1.0)
    axes: tuple[int, int, int] = (0, 1, 2)
    segmentation: Segmentation | None
    confident_points: int = Field(default=128, ge=1)

    @field_validator("up")
    @classmethod
    def _direction(cls, up: Vector) -> Vector:
        if not 0 < math.hypot(*up) < math.inf:
            raise ValueError("up must be a direction")
        return up

    @field_validator("axes")
    @classmethod
    def _permutation(cls, axes: tuple[int, int, int]) -> tuple[int, int, int]:
        if sorted(axes) != [0, 1, 2]:
            raise ValueError("axes must hold 0, 1 and 2 once each")
        return axes

    @property
    def input_shape(self) -> tuple[int, int]:
        """Shape of one input: (points, channels)."""
        return (self.points, self.channels)


PRESETS = {
    settings.name: settings
    for settings in (
        # Point-Bind, Guo et al. 2023
        PointSettings(name="pointbind", points=8192, channels=3, segmentation=STREET),
        # Uni3D, Zhou et al. 2024: colour 0.4 where there is none, y and z exchanged
        PointSettings(name="uni3d", points=10_000, channels=6, axes=(0, 2, 1), segmentation=STREET),
        PointSettings(name="compact", points=256, channels=3, segmentation=TABLETOP),
    )
}


def isolate_object(cloud: PointCloud, settings: PointSettings) -> PointCloud:
    """The points of the one object to recognise, turned so that z is up; empty when there is none.

    Points that are not finite are dropped. Raises InputError when the arrays do not fit together.
    """
    xyz_N3 = np.asarray(cloud.xyz_N3, np.float32)
    if xyz_N3.ndim != 2 or xyz_N3.shape[1] != 3:
        raise InputError(f"points of the shape {xyz_N3.shape}", remedy="give an array (N, 3) of x, y, z in metres")
    for per_point, width in ((cloud.rgb_N3, (3,)), (cloud.intensity_N, ())):
        if per_point is not None and per_point.shape != (len(xyz_N3), *width):
            raise InputError(
                f"{len(xyz_N3)} points with colours or intensities of the shape {per_point.shape}",
                remedy="give one row for each point",
            )
    if settings.up != (0.0, 0.0, 1.0):
        xyz_N3 = xyz_N3 @ _levelling(settings.up).T
    if settings.segmentation is not None:
        kept = object_indices(xyz_N3, settings.segmentation)
    else:
        kept = np.flatnonzero(np.isfinite(xyz_N3).all(axis=1))
    return PointCloud(
        xyz_N3.take(kept, axis=0),
        None if cloud.rgb_N3 is None else cloud.rgb_N3.take(kept, axis=0),
        None if cloud.intensity_N is None else cloud.intensity_N.take(kept, axis=0),
    )


def normalise_object(cloud: PointCloud, settings: PointSettings) -> NDArray[np.float32]:
    """Encoder input `settings.input_shape` float32 of an isolated object: sampled, centroid at 0, largest norm 1.

    An object whose points all coincide lies at 0. Raises InputError for a cloud without points.
    """
    if not len(cloud):
        raise InputError("no point of an object", remedy="check the range and cluster settings against the scene")
    kept = sample_indices(cloud.xyz_N3, settings.points)
    xyz_K3 = cloud.xyz_N3[kept][:, settings.axes].astype(np.float64)
    xyz_K3 -= xyz_K3.mean(axis=0)
    radius = float(np.sqrt(np.einsum("ki,ki->k", xyz_K3, xyz_K3).max()))
    array = np.full(settings.input_shape, settings.missing_colour, np.float32)
    array[:, :3] = xyz_K3 / radius if radius > 1e-6 else 0.0
    if settings.channels == 6 and cloud.rgb_N3 is not None:
        array[:, 3:] = cloud.rgb_N3[kept]
    return array


def prepare_point(cloud: PointCloud, settings: PointSettings) -> NDArray[np.float32]:
    """Encoder input `settings.input_shape` float32 of a whole cloud. Raises InputError when it holds no object."""
    return normalise_object(isolate_object(cloud, settings), settings)


class PointPreprocessor:
    """Clouds of one source to model inputs; keeps the newest cloud only, and works on it when it is taken.

    The quality is the share of `confident_points` that the object has. A cloud in which no object is found, or whose
    points all coincide, gives an input of zeros with the quality 0.
    """

    def __init__(self, settings: PointSettings) -> None:
        self._settings = settings
        self._newest: NewestFrame[PointCloud] = NewestFrame()

    def add(self, cloud: PointCloud, stamp_ns: int) -> None:
        """Take one decoded cloud."""
        self._newest.put(cloud, stamp_ns)

    def take(self) -> ModelInput | None:
        """The input of the newest cloud, or None when it was taken already. Raises InputError."""
        newest = self._newest.take()
        if newest is None:
            return None
        cloud, stamp_ns = newest
        isolated = isolate_object(cloud, self._settings)
        if not len(isolated):
            return ModelInput(np.zeros(self._settings.input_shape, np.float32), 0.0, stamp_ns)
        array = normalise_object(isolated, self._settings)
        quality = min(1.0, len(isolated) / self._settings.confident_points) if array[:, :3].any() else 0.0
        return ModelInput(array, quality, stamp_ns)


def _levelling(up: Vector) -> NDArray[np.float32]:
    """The smallest rotation (3, 3) that turns `up` to z; half a turn about x when it is the opposite."""
    x, y, z = np.asarray(up, np.float64) / math.hypot(*up)
    if z < -1 + 1e-9:
        return np.diag(np.array([1, -1, -1], np.float32))
    k = 1 / (1 + z)
    return np.array([[1 - k * x * x, -k * x * y, -x], [-k * x * y, 1 - k * y * y, -y], [x, y, z]], np.float32)
