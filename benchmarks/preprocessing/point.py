"""A LiDAR sweep of 120,000 points.

The sweep is made here: 64 rings of a street with walls, cars and posts.
"""

from collections.abc import Callable
from importlib.util import find_spec
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from benchmarks.timing import Comparison
from omnibind_ros.messages.points import points_from_cloud
from omnibind_ros.preprocessing.point import PRESETS, PointPreprocessor
from omnibind_ros.preprocessing.point_clusters import cluster_labels
from omnibind_ros.preprocessing.point_ground import height_above_ground
from omnibind_ros.preprocessing.point_sampling import sample_indices
from omnibind_ros.preprocessing.point_segmentation import STREET

GOAL_MS = 15.0
_FIELDS = (("x", 0), ("y", 4), ("z", 8), ("intensity", 12))


def comparisons() -> list[Comparison]:
    """Cases whose reference is not installed are left out."""
    xyz = street_sweep()
    message = _message(xyz)
    standing = _standing(xyz)
    preprocessor = PointPreprocessor(PRESETS["pointbind"])

    def whole() -> object:
        preprocessor.add(points_from_cloud(message), 0)
        return preprocessor.take()

    def decode() -> object:
        return points_from_cloud(message)

    def cluster() -> object:
        return cluster_labels(standing, STREET.cluster_tolerance_m)

    size = f"point {len(xyz):,} points"
    clusters = f"point {len(standing):,} points above the ground → clusters"
    cases = [
        (f"{size}: PointCloud2 → array", decode, "sensor_msgs_py, skip_nans", _sensor_msgs_py(xyz)),
        (f"{size}: PointCloud2 → array", decode, "pypcd4, then without NaN", _pypcd4(message)),
        (clusters, cluster, "SciPy cKDTree.query_pairs", lambda: _tree_clusters(standing)),
        (clusters, cluster, "Open3D cluster_dbscan", _open3d_clusters(standing)),
        (
            "point 1,000 points → 256 farthest",
            lambda: sample_indices(standing[:1000], 256),
            "NumPy by hand",
            lambda: plain_farthest(standing[:1000], 256),
        ),
    ]
    return [
        *(Comparison(case, run, reference, other) for case, run, reference, other in cases if other is not None),
        Comparison(f"{size}: PointCloud2 → input 8192×3", whole, f"goal: {GOAL_MS:g}", GOAL_MS),
    ]


def street_sweep() -> NDArray[np.float32]:
    """Points (N, 3) of 64 rings with 1,875 rays each, in the frame of a LiDAR 1.8 m above the road; none is missing."""
    generator = np.random.default_rng(0)
    azimuth, elevation = np.meshgrid(
        np.linspace(-np.pi, np.pi, 1875, endpoint=False), np.radians(np.linspace(-24.8, 2.0, 64))
    )
    ray = np.stack((np.cos(elevation) * np.cos(azimuth), np.cos(elevation) * np.sin(azimuth), np.sin(elevation)), -1)
    ray = ray.reshape(-1, 3)
    with np.errstate(divide="ignore"):
        # road, and the inside of a block of houses
        planes = [np.where(ray[:, 2] < 0, -1.8 / ray[:, 2], np.inf), 45 / np.abs(ray[:, 0]), 14 / np.abs(ray[:, 1])]
        reach = np.min(planes, axis=0)
        for _ in range(30):
            size = generator.uniform((0.3, 0.3, 1.0), (4.5, 1.9, 2.2))
            low = np.array([generator.uniform(-40, 35), generator.choice((-11, -6, 4, 9)), -1.8])
            first, second = low / ray, (low + size) / ray
            enter, leave = np.minimum(first, second).max(axis=1), np.maximum(first, second).min(axis=1)
            reach = np.where((enter > 0) & (enter < leave), np.minimum(reach, enter), reach)
    reach += generator.normal(0, 0.02, len(reach))
    return np.asarray(ray * reach[:, None], np.float32)


def _message(xyz: NDArray[np.float32]) -> Any:
    table = np.zeros((len(xyz), 4), np.float32)
    table[:, :3] = xyz
    fields = [SimpleNamespace(name=name, offset=offset, datatype=7, count=1) for name, offset in _FIELDS]
    return SimpleNamespace(
        height=1,
        width=len(xyz),
        fields=fields,
        is_bigendian=False,
        point_step=16,
        row_step=table.nbytes,
        data=table.tobytes(),
        is_dense=False,
    )


def _standing(xyz: NDArray[np.float32]) -> NDArray[np.float32]:
    height = height_above_ground(xyz, tolerance=0.25, tilt_deg=15.0, column=2.0)
    if height is None:
        raise RuntimeError("the road of the made street was not found")
    return xyz[height > 0.25]


def _sensor_msgs_py(xyz: NDArray[np.float32]) -> Callable[[], object] | None:
    if find_spec("sensor_msgs_py") is None:
        return None
    from sensor_msgs.msg import PointCloud2, PointField  # noqa: PLC0415
    from sensor_msgs_py.point_cloud2 import read_points_numpy  # noqa: PLC0415

    plain = _message(xyz)
    message = PointCloud2(height=1, width=plain.width, point_step=16, row_step=plain.row_step)
    message.fields = [PointField(**vars(field)) for field in plain.fields]
    message.data = plain.data
    return lambda: read_points_numpy(message, ["x", "y", "z"], skip_nans=True)


def _pypcd4(message: Any) -> Callable[[], object] | None:
    if find_spec("pypcd4") is None:
        return None
    from pypcd4.pypcd4 import PointCloud as PcdCloud  # noqa: PLC0415

    def read() -> object:
        xyz = PcdCloud.from_msg(message).numpy(("x", "y", "z"))
        return xyz[np.isfinite(xyz).all(axis=1)]

    return read


def _tree_clusters(xyz: NDArray[np.float32]) -> object:
    pairs = cKDTree(xyz).query_pairs(STREET.cluster_tolerance_m, output_type="ndarray")
    edges = (np.ones(len(pairs), np.int8), (pairs[:, 0], pairs[:, 1]))
    return connected_components(coo_array(edges, shape=(len(xyz), len(xyz))), directed=False)


def _open3d_clusters(xyz: NDArray[np.float32]) -> Callable[[], object] | None:
    if find_spec("open3d") is None:
        return None
    import open3d  # noqa: PLC0415

    cloud = open3d.geometry.PointCloud(open3d.utility.Vector3dVector(xyz.astype(np.float64)))
    return lambda: cloud.cluster_dbscan(STREET.cluster_tolerance_m, 1)


def plain_farthest(xyz: NDArray[np.float32], count: int) -> list[int]:
    """Indices of `count` points, each the one farthest from those before it; the first from their centroid."""
    chosen = [int(((xyz - xyz.mean(axis=0)) ** 2).sum(axis=1).argmax())]
    nearest = np.full(len(xyz), np.inf)
    for _ in range(count - 1):
        nearest = np.minimum(nearest, ((xyz - xyz[chosen[-1]]) ** 2).sum(axis=1))
        chosen.append(int(nearest.argmax()))
    return chosen
