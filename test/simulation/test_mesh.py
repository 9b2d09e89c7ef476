import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omnibind_ros.simulation.mesh import Mesh, ball, box, circle, extrude, join, lathe, merge, rotation, tube

SHAPES = {
    "ball": ball((0.1, 0.2, 0.3)),
    "box": box((0.1, 0.2, 0.3), 0.01),
    "cylinder": lathe([(0, 0), (0.1, 0), (0.1, 0.3), (0, 0.3)]),
    "bar": tube([(0, 0, 0), (0, 0, 0.1), (0, 0.1, 0.2)], 0.02),
    "ring": tube(np.column_stack([circle(0.2, 24), np.zeros(24)]), 0.03, closed=True),
    "washer": extrude([circle(0.2, 24), circle(0.1, 16)[::-1]], 0.05),
}


def volume(mesh: Mesh) -> float:
    """By the divergence theorem; right only for closed surfaces that face outwards."""
    a, b, c = (mesh.vertices[mesh.faces[:, corner]].astype(np.float64) for corner in range(3))
    return float(np.einsum("fd,fd->", a, np.cross(b, c)) / 6)


@pytest.mark.parametrize("mesh", SHAPES.values(), ids=SHAPES.keys())
def test_faces_and_normals_point_outwards(mesh: Mesh) -> None:
    a, b, c = (mesh.vertices[mesh.faces[:, corner]] for corner in range(3))
    assert (np.einsum("fd,fd->f", np.cross(b - a, c - a), mesh.normals[mesh.faces].mean(axis=1)) > 0).all()
    assert np.allclose(np.linalg.norm(mesh.normals, axis=1), 1.0, atol=1e-4)


def test_solids_have_the_volume_of_their_formula() -> None:
    assert volume(SHAPES["ball"]) == pytest.approx(4 / 3 * np.pi * 0.1 * 0.2 * 0.3, rel=0.05)
    assert volume(SHAPES["box"]) == pytest.approx(0.1 * 0.2 * 0.3, rel=0.02)
    assert volume(SHAPES["cylinder"]) == pytest.approx(np.pi * 0.1**2 * 0.3, rel=0.03)
    assert volume(SHAPES["washer"]) == pytest.approx(np.pi * (0.2**2 - 0.1**2) * 0.05, rel=0.03)
    assert volume(SHAPES["ring"]) == pytest.approx(2 * np.pi**2 * 0.2 * 0.03**2, rel=0.1)


def test_sharp_edges_stay_sharp_and_round_sides_are_smooth() -> None:
    cylinder = SHAPES["cylinder"]
    upwards, sideways = np.abs(cylinder.normals[:, 2]), np.hypot(*cylinder.normals[:, :2].T)
    assert (np.minimum(upwards, sideways) < 1e-6).all()


@settings(max_examples=30, deadline=None)
@given(st.sampled_from("xyz"), st.floats(-10, 10))
def test_rotations_keep_lengths_and_handedness(axis: str, angle: float) -> None:
    matrix = rotation(axis, angle)
    assert np.allclose(matrix @ matrix.T, np.eye(3), atol=1e-5)
    assert np.linalg.det(matrix) == pytest.approx(1.0, abs=1e-5)


def test_moving_turning_and_stretching_act_on_the_whole_shape() -> None:
    brick = SHAPES["box"].moved((1, 2, 3))
    assert np.allclose(brick.vertices.mean(axis=0), (1, 2, 3), atol=1e-5)
    turned = SHAPES["box"].turned(rotation("z", np.pi / 2))
    assert np.allclose(np.ptp(turned.vertices, axis=0), (0.2, 0.1, 0.3), atol=1e-5)
    assert volume(SHAPES["box"].stretched((2, 1, 1))) == pytest.approx(2 * volume(SHAPES["box"]), rel=1e-3)


def test_merging_numbers_the_parts_and_joining_makes_one() -> None:
    both = merge([SHAPES["ball"], SHAPES["box"]])
    assert np.unique(both.part).tolist() == [0, 1]
    assert volume(both) == pytest.approx(volume(SHAPES["ball"]) + volume(SHAPES["box"]), rel=1e-4)
    assert np.unique(join(SHAPES["ball"], SHAPES["box"]).part).tolist() == [0]
