import numpy as np

from omnibind_ros.simulation.background import MARGIN, draw_background
from omnibind_ros.simulation.sensors import VIEW_HEIGHT, VIEW_WIDTH


def draw(seed: int) -> np.ndarray:
    return draw_background(np.random.default_rng(seed), 0.4, 0.3, 1.5, 0.1)


def test_covers_the_view_and_what_the_camera_pans_over() -> None:
    assert draw(0).shape == (VIEW_HEIGHT + 2 * MARGIN, VIEW_WIDTH + 2 * MARGIN, 4)


def test_no_two_scenes_look_the_same() -> None:
    assert np.array_equal(draw(1), draw(1))
    assert np.abs(draw(1) - draw(2)).mean() > 0.02


def test_light_is_possible_and_the_room_near_its_temperature() -> None:
    for seed in range(5):
        picture = draw(seed)
        assert picture[..., :3].min() >= 0.0
        assert picture[..., :3].max() <= 1.0
        assert np.abs(picture[..., 3]).max() < 6.0
