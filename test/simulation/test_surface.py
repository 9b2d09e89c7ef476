import numpy as np

from omnibind_ros.simulation.objects import make_object
from omnibind_ros.simulation.scene import Scene
from omnibind_ros.simulation.sensors import VIEW_HEIGHT, VIEW_WIDTH


def test_buffers_belong_to_one_view() -> None:
    thing = make_object("dumbbell", 1)
    surface = Scene(thing, 1).look(0.5)
    assert surface.radiance.shape == (VIEW_HEIGHT, VIEW_WIDTH, 3)
    assert surface.temperature.shape == (VIEW_HEIGHT, VIEW_WIDTH)
    assert len(surface.pixel) == len(surface.depth) == len(surface.part) == surface.silhouette.sum()
    assert np.flatnonzero(surface.silhouette).tolist() == sorted(surface.pixel.tolist())
    assert set(surface.part.tolist()) <= set(range(len(thing.parts)))


def test_depth_is_that_of_an_object_of_this_size() -> None:
    thing = make_object("tennis ball", 1)
    surface = Scene(thing, 1).look(0.5)
    assert 0.3 * thing.size_m < np.ptp(surface.depth) < 0.7 * thing.size_m
