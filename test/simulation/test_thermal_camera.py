import cv2
import numpy as np
import pytest

from omnibind_ros.simulation.objects import make_object
from omnibind_ros.simulation.scene import Scene
from omnibind_ros.simulation.sensors import THERMAL_HEIGHT, THERMAL_WIDTH
from omnibind_ros.simulation.thermal_camera import COUNTS_PER_KELVIN, render_thermal


def excess_kelvin(label: str, seed: int) -> float:
    """How much hotter the object looks than the room."""
    scene = Scene(make_object(label, seed), seed)
    surface = scene.look(0.3)
    counts = render_thermal(surface).astype(float)
    shape = cv2.resize(surface.silhouette.astype(np.float32), (THERMAL_WIDTH, THERMAL_HEIGHT)) > 0.99
    return float(np.median(counts[shape])) / COUNTS_PER_KELVIN - scene.ambient_kelvin


def test_counts_are_hundredths_of_a_kelvin() -> None:
    image = render_thermal(Scene(make_object("book", 0), 0).look(0.0))
    assert image.shape == (THERMAL_HEIGHT, THERMAL_WIDTH)
    assert image.dtype == np.uint16
    assert 285 < np.median(image) / COUNTS_PER_KELVIN < 305


@pytest.mark.parametrize("seed", range(3))
def test_hot_objects_are_hotter_than_the_room_and_cold_ones_colder(seed: int) -> None:
    assert excess_kelvin("frying pan", seed) > 40
    assert excess_kelvin("mug", seed) > 8
    assert excess_kelvin("bottle", seed) < -5
    assert -3 < excess_kelvin("wooden block", seed) < 9


def test_noise_is_small_and_changes_from_frame_to_frame() -> None:
    scene = Scene(make_object("book", 0), 0)
    first, second = (render_thermal(scene.look(time_s)).astype(float) for time_s in (0.0, 0.0001))
    assert 0.02 < (first - second).std() / COUNTS_PER_KELVIN < 0.3
