from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pydantic import ValidationError

from omnibind_ros.preprocessing.point_segmentation import STREET, TABLETOP, Segmentation, object_indices

Cloud = NDArray[np.float32]


def box(centre: tuple[float, float, float], size: tuple[float, float, float], points: int, seed: int) -> Cloud:
    """Points on the surface of an upright box."""
    generator = np.random.default_rng(seed)
    unit = generator.uniform(-0.5, 0.5, (points, 3))
    face = generator.integers(0, 3, points)
    unit[np.arange(points), face] = np.where(generator.random(points) < 0.5, -0.5, 0.5)
    return (unit * size + centre).astype(np.float32)


def table_scene(*objects: Cloud) -> tuple[Cloud, NDArray[np.intp]]:
    """A table 0.3 m below the sensor, a wall behind it, then the objects; and which object each point belongs to."""
    generator = np.random.default_rng(11)
    table = generator.uniform((0.2, -1.0, -0.3), (1.7, 1.0, -0.3), (6000, 3)) + generator.normal(0, 0.003, (6000, 3))
    wall = generator.uniform((1.75, -1.0, -0.3), (1.76, 1.0, 0.9), (3000, 3))
    owners = np.concatenate([np.full(len(part), number) for number, part in enumerate(objects)])
    background = np.full(len(table) + len(wall), -1)
    return np.concatenate((table, wall, *objects)).astype(np.float32), np.concatenate((background, owners))


NEAR = box((0.6, 0.1, -0.2), (0.1, 0.12, 0.2), 300, 1)
LARGE = box((1.1, -0.3, -0.15), (0.3, 0.2, 0.3), 900, 2)


@pytest.mark.parametrize(
    ("changes", "chosen"),
    [
        ({}, 0),
        ({"choice": "most"}, 1),
        ({"focus_m": (1.2, -0.4, -0.1)}, 1),
        ({"min_points": 400}, 1),
        ({"max_size_m": 0.2}, 0),
        ({"max_size_m": 0.2, "choice": "most"}, 0),
        ({"region_m": ((0.9, -1.0, -1.0), (1.5, 1.0, 1.0))}, 1),
        ({"min_range_m": 0.75}, 1),
        ({"max_range_m": 0.85, "choice": "most"}, 0),
    ],
)
def test_one_object_is_cut_out_of_the_scene(changes: dict[str, Any], chosen: int) -> None:
    xyz, owners = table_scene(NEAR, LARGE)
    indices = object_indices(xyz, TABLETOP.model_copy(update=changes))
    assert set(owners[indices]) == {chosen}
    standing = (owners == chosen) & (xyz[:, 2] > -0.28)
    assert np.isin(np.flatnonzero(standing), indices).all()


@pytest.mark.parametrize("size", [0.05, 0.1, 0.2, 0.4])
@pytest.mark.parametrize("distance", [0.4, 0.8, 1.2])
def test_tabletop_objects_of_every_size_and_distance_are_found(size: float, distance: float) -> None:
    points = 100 + int(10_000 * size**2)
    xyz, owners = table_scene(box((distance + size / 2, 0, -0.3 + size / 2), (size, size, size), points, 5))
    indices = object_indices(xyz, TABLETOP)
    assert set(owners[indices]) == {0}
    assert len(indices) > 0.5 * points


def test_a_car_is_cut_out_of_the_street() -> None:
    generator = np.random.default_rng(0)
    road = generator.uniform((-40, -40, -1.8), (40, 40, -1.8), (20_000, 3)) + generator.normal(0, 0.03, (20_000, 3))
    kerb = box((5, 3, -1.65), (4, 0.2, 0.3), 400, 1)
    house = box((0, 25, 2), (60, 8, 8), 20_000, 2)
    car = box((9, -3, -1.05), (4.2, 1.8, 1.5), 800, 3)
    xyz = np.concatenate((road, kerb, house, car)).astype(np.float32)
    indices = object_indices(xyz, STREET)
    assert indices.min() >= len(xyz) - len(car)
    assert len(indices) > 0.7 * len(car)


def test_missing_returns_and_the_robot_itself_are_no_object() -> None:
    xyz, owners = table_scene(NEAR)
    xyz = np.concatenate((xyz, np.zeros((5000, 3), np.float32), np.full((100, 3), np.nan, np.float32)))
    assert set(owners[object_indices(xyz, TABLETOP)]) == {0}


@pytest.mark.parametrize(
    "xyz",
    [np.empty((0, 3), np.float32), np.full((50, 3), np.nan, np.float32), table_scene(np.empty((0, 3), np.float32))[0]],
)
def test_where_nothing_stands_there_is_no_object(xyz: Cloud) -> None:
    assert len(object_indices(xyz, TABLETOP)) == 0


def test_the_same_cloud_gives_the_same_object_and_the_order_of_points_little_else() -> None:
    xyz, owners = table_scene(NEAR, LARGE)
    np.testing.assert_array_equal(object_indices(xyz, TABLETOP), object_indices(xyz.copy(), TABLETOP))
    order = np.random.default_rng(0).permutation(len(xyz))
    assert set(owners[order][object_indices(xyz[order], TABLETOP)]) == {0}


@pytest.mark.parametrize(
    "changes",
    [
        {"min_range_m": 3.0},
        {"cluster_tolerance_m": 1e-6},
        {"cluster_tolerance_m": float("nan")},
        {"max_range_m": float("inf")},
        {"region_m": ((0, 0, 0), (1, -1, 1))},
        {"min_points": 0},
        {"reach": 1.0},
    ],
)
def test_settings_that_make_no_sense_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Segmentation.model_validate(TABLETOP.model_dump() | changes)
