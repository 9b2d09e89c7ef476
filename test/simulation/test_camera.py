import numpy as np

from omnibind_ros.simulation.camera import render_rgb
from omnibind_ros.simulation.objects import make_object
from omnibind_ros.simulation.scene import Scene
from omnibind_ros.simulation.sensors import CAMERA_HEIGHT, CAMERA_WIDTH


def test_publishes_a_colour_image_with_new_noise_in_every_frame() -> None:
    scene = Scene(make_object("mug", 1), 1)
    first, again, later = (render_rgb(scene.look(time_s)) for time_s in (0.5, 0.5, 0.5001))
    assert first.shape == (CAMERA_HEIGHT, CAMERA_WIDTH, 3)
    assert first.dtype == np.uint8
    assert np.array_equal(first, again)
    assert not np.array_equal(first, later)


def test_colours_are_in_the_order_red_green_blue() -> None:
    cone = Scene(make_object("traffic cone", 2), 5)
    surface = cone.look(0.0)
    red, green, blue = surface.radiance[surface.silhouette].mean(axis=0)
    assert red > green > blue
    picture = render_rgb(surface).reshape(CAMERA_HEIGHT * CAMERA_WIDTH, 3).astype(float)
    orange = picture[:, 0] - picture[:, 2]
    assert np.percentile(orange, 95) > 50
