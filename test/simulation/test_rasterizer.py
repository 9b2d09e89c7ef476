import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from omnibind_ros.simulation.rasterizer import rasterize

WIDTH, HEIGHT = 40, 30
FACE = np.array([[0, 1, 2]])


def test_a_triangle_covers_its_area() -> None:
    screen = np.array([[4.5, 4.5], [4.5, 24.5], [34.5, 24.5]], np.float32)
    seen = rasterize(screen, np.ones(3, np.float32), FACE, WIDTH, HEIGHT)
    assert abs(len(seen.pixel) - 300) < 20


def test_faces_seen_from_behind_are_left_out() -> None:
    screen = np.array([[5, 5], [35, 25], [5, 25]], np.float32)
    assert len(rasterize(screen, np.ones(3, np.float32), FACE, WIDTH, HEIGHT).pixel) == 0


def test_the_nearest_face_wins_whatever_the_order() -> None:
    screen = np.array([[2, 2], [2, 28], [38, 28]] * 2, np.float32)
    closeness = np.array([1, 1, 1, 2, 2, 2], np.float32)
    for faces in ([[0, 1, 2], [3, 4, 5]], [[3, 4, 5], [0, 1, 2]]):
        seen = rasterize(screen, closeness, np.array(faces), WIDTH, HEIGHT)
        assert (seen.closeness > 1.5).all()


def test_two_halves_of_a_square_leave_no_gap_between_them() -> None:
    screen = np.array([[4.3, 3.2], [4.3, 26.7], [35.6, 26.7], [35.6, 3.2]], np.float32)
    seen = rasterize(screen, np.ones(4, np.float32), np.array([[0, 1, 2], [0, 2, 3]]), WIDTH, HEIGHT)
    assert len(seen.pixel) == 31 * 23


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.floats(-60, 100), st.floats(-60, 100)), min_size=3, max_size=3))
def test_any_triangle_stays_inside_the_image_and_is_interpolated(corners: list[tuple[float, float]]) -> None:
    closeness = np.array([1.0, 2.0, 4.0], np.float32)
    seen = rasterize(np.array(corners, np.float32), closeness, FACE, WIDTH, HEIGHT)
    assert len(np.unique(seen.pixel)) == len(seen.pixel)
    assert ((seen.pixel >= 0) & (seen.pixel < WIDTH * HEIGHT)).all()
    assert np.allclose(seen.weights.sum(axis=1), 1.0, atol=1e-4)
    assert np.allclose(seen.closeness, seen.weights @ closeness, atol=1e-4)
