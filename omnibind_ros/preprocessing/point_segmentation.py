"""From a whole cloud to the points of one object: range and region, ground, clusters, and the choice of one."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator
from typing_extensions import Self

from omnibind_ros.preprocessing.point_clusters import cluster_labels
from omnibind_ros.preprocessing.point_ground import height_above_ground

Vector = tuple[float, float, float]

_GROUND_COLUMNS_PER_RANGE = 24
_MOST_CELLS_PER_RANGE = 100_000


class Segmentation(BaseModel):
    """How one object is cut out of a cloud whose z axis points up and whose origin is the sensor. Lengths in metres.

    min_range_m, max_range_m: distance from the sensor; nearer is the robot itself, or a missing return at the origin.
    region_m: smallest and largest corner of a box outside which nothing counts, or None.
    ground_tolerance_m: what is not higher than this above the fitted ground plane is ground; None keeps everything.
    ground_tilt_deg: how far the ground may lean against the sensor.
    cluster_tolerance_m: the gap that separates two objects: gaps of less than half of it never do, of more than
        1.74 times it always.
    min_points, max_size_m: a cluster with fewer points is noise, one with a longer side along x, y or z a wall.
    min_height_m: a cluster of which nothing is higher than this above the ground is a kerb or unevenness.
    choice: of the clusters left the one whose centre is `nearest` to `focus_m`, or the one with the `most` points.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    min_range_m: float = Field(ge=0)
    max_range_m: float = Field(gt=0)
    region_m: tuple[Vector, Vector] | None = None
    ground_tolerance_m: float | None = Field(gt=0)
    ground_tilt_deg: float = Field(default=15.0, gt=0, le=45)
    cluster_tolerance_m: float = Field(gt=0)
    min_points: int = Field(ge=1)
    max_size_m: float = Field(gt=0)
    min_height_m: float = Field(default=0.0, ge=0)
    choice: Literal["nearest", "most"] = "nearest"
    focus_m: Vector = (0.0, 0.0, 0.0)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.min_range_m >= self.max_range_m:
            raise ValueError("min_range_m must be less than max_range_m")
        if self.max_range_m > _MOST_CELLS_PER_RANGE * self.cluster_tolerance_m:
            raise ValueError(f"max_range_m is more than {_MOST_CELLS_PER_RANGE} times cluster_tolerance_m")
        if self.region_m is not None and any(low >= high for low, high in zip(*self.region_m, strict=True)):
            raise ValueError("region_m must hold the smallest corner, then the largest")
        return self


TABLETOP = Segmentation(
    min_range_m=0.1,
    max_range_m=2.0,
    ground_tolerance_m=0.015,
    cluster_tolerance_m=0.06,
    min_points=12,
    max_size_m=0.6,
    min_height_m=0.02,
)
STREET = Segmentation(
    min_range_m=2.5,
    max_range_m=50.0,
    ground_tolerance_m=0.25,
    cluster_tolerance_m=0.6,
    min_points=20,
    max_size_m=10.0,
    min_height_m=0.5,
)


def object_indices(xyz_N3: NDArray[np.float32], settings: Segmentation) -> NDArray[np.intp]:
    """Indices of the points of the one object that `settings` choose from `xyz_N3` (N, 3); empty when there is none.

    Points that are not finite are out of range. The same points give the same indices.
    """
    indices = _in_range(xyz_N3, settings)
    near_N3 = xyz_N3.take(indices, axis=0)
    height_N = None
    if settings.ground_tolerance_m is not None:
        height_N = height_above_ground(
            near_N3,
            tolerance=settings.ground_tolerance_m,
            tilt_deg=settings.ground_tilt_deg,
            column=settings.max_range_m / _GROUND_COLUMNS_PER_RANGE,
        )
        if height_N is not None:
            above = np.flatnonzero(height_N > settings.ground_tolerance_m)
            indices, near_N3, height_N = indices[above], near_N3.take(above, axis=0), height_N[above]
    if len(indices) < settings.min_points:
        return indices[:0]
    return indices[_chosen_cluster(near_N3, height_N, settings)]


def _in_range(xyz_N3: NDArray[np.float32], settings: Segmentation) -> NDArray[np.intp]:
    x_N, y_N, z_N = xyz_N3.T
    with np.errstate(over="ignore", invalid="ignore"):
        square_N = x_N * x_N + y_N * y_N + z_N * z_N
        inside_N = (square_N >= settings.min_range_m**2) & (square_N <= settings.max_range_m**2)
        if settings.region_m is not None:
            for value_N, low, high in zip((x_N, y_N, z_N), *settings.region_m, strict=True):
                inside_N &= (value_N >= low) & (value_N <= high)
    return np.flatnonzero(inside_N)


def _chosen_cluster(
    xyz_N3: NDArray[np.float32], height_N: NDArray[np.float32] | None, settings: Segmentation
) -> NDArray[np.intp]:
    label_N = cluster_labels(xyz_N3, settings.cluster_tolerance_m)
    by_cluster = np.argsort(label_N, kind="stable")
    starts_K = np.flatnonzero(np.diff(label_N[by_cluster], prepend=-1))
    points_K = np.diff(starts_K, append=len(by_cluster))
    sorted_N3 = xyz_N3.take(by_cluster, axis=0)
    size_K = np.zeros(len(starts_K), np.float32)
    distance_K = np.zeros(len(starts_K))
    for axis in range(3):
        value_N = sorted_N3[:, axis]
        extent_K = np.maximum.reduceat(value_N, starts_K) - np.minimum.reduceat(value_N, starts_K)
        size_K = np.maximum(size_K, extent_K)
        mean_K = np.add.reduceat(value_N, starts_K, dtype=np.float64) / points_K
        distance_K += (mean_K - settings.focus_m[axis]) ** 2
    object_K = (points_K >= settings.min_points) & (size_K <= settings.max_size_m)
    if height_N is not None:
        object_K &= np.maximum.reduceat(height_N[by_cluster], starts_K) > settings.min_height_m
    candidates = np.flatnonzero(object_K)
    if not len(candidates):
        return by_cluster[:0]
    cost_K = distance_K if settings.choice == "nearest" else -points_K
    best = candidates[cost_K[candidates].argmin()]
    return by_cluster[starts_K[best] : starts_K[best] + points_K[best]]
