from itertools import pairwise

import cv2
import numpy as np
import pytest

from omnibind_ros.simulation.objects import LABELS, make_object
from omnibind_ros.simulation.scene import Scene
from omnibind_ros.simulation.sensors import THERMAL_HEIGHT, THERMAL_WIDTH
from omnibind_ros.simulation.thermal_camera import render_thermal


def test_the_same_seed_gives_the_same_view() -> None:
    first, again = (Scene(make_object("mug", 1), 2).look(0.7) for _ in range(2))
    assert np.array_equal(first.radiance, again.radiance)
    assert np.array_equal(first.temperature, again.temperature)


@pytest.mark.parametrize("label", LABELS)
def test_the_whole_object_is_in_view(label: str) -> None:
    for seed in range(3):
        silhouette = Scene(make_object(label, seed), seed).look(1.3).silhouette
        assert 0.004 < silhouette.mean() < 0.5
        border = np.concatenate([silhouette[0], silhouette[-1], silhouette[:, 0], silhouette[:, -1]])
        assert border.mean() < 0.05


def test_the_object_moves_and_never_jumps() -> None:
    scene = Scene(make_object("screwdriver", 3), 4)
    views = [scene.look(number / 30).silhouette for number in range(5)]
    for before, after in pairwise(views):
        common = (before & after).sum() / (before | after).sum()
        assert 0.5 < common < 1.0


def test_camera_and_thermal_camera_see_the_same_silhouette() -> None:
    surface = Scene(make_object("kettle", 1), 6).look(0.2)
    warm = render_thermal(surface).astype(float)
    threshold = (np.percentile(warm, 20) + np.percentile(warm, 99)) / 2
    shape = cv2.resize(surface.silhouette.astype(np.float32), (THERMAL_WIDTH, THERMAL_HEIGHT)) > 0.5
    hot = warm > threshold
    assert (hot & shape).sum() / hot.sum() > 0.9


def test_things_with_a_front_never_turn_their_edge_to_the_camera() -> None:
    plate = Scene(make_object("plate", 0), 1)
    areas = [plate.look(time_s).silhouette.mean() for time_s in np.linspace(0, 8, 9)]
    assert min(areas) > 0.25 * max(areas)


def test_looking_twice_at_one_moment_renders_once() -> None:
    scene = Scene(make_object("bolt", 0), 1)
    assert scene.look(0.1) is scene.look(0.1)
