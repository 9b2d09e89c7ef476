import cv2
import numpy as np
import pytest

from omnibind_ros.messages.event_array import Events
from omnibind_ros.preprocessing.event_representation import event_frame, time_surface, voxel_grid


def make(events: list[tuple[int, int, int, int]], width: int, height: int) -> Events:
    x, y, t, p = np.array(events, np.int64).reshape(-1, 4).T
    return Events(x.astype(np.uint16), y.astype(np.uint16), t.copy(), p == 1, width, height)


def random_events(number: int, width: int, height: int, duration_us: int = 1000) -> Events:
    random = np.random.default_rng(0)
    x, y = random.integers(0, width, number), random.integers(0, height, number)
    t_us = np.sort(random.integers(0, duration_us + 1, number))
    return Events(x.astype(np.uint16), y.astype(np.uint16), t_us, random.random(number) < 0.5, width, height)


def voxels_one_event_at_a_time(events: Events, duration_us: int, bins: int, side: int) -> np.ndarray:
    """The definition: full sensor resolution, a loop, then one area resize."""
    grid = np.zeros((2, bins, events.height, events.width), np.float32)
    for x, y, t, p in zip(events.x, events.y, events.t_us, events.p, strict=True):
        position = t / duration_us * (bins - 1)
        for time_bin in range(bins):
            grid[0 if p else 1, time_bin, y, x] += max(0, 1 - abs(position - time_bin))
    planes = grid.reshape(2 * bins, events.height, events.width)
    across = cv2.INTER_AREA if events.width >= side else cv2.INTER_LINEAR
    down = cv2.INTER_AREA if events.height >= side else cv2.INTER_LINEAR
    planes = [cv2.resize(plane, (side, events.height), interpolation=across) for plane in planes]
    resized = np.stack([cv2.resize(plane, (side, side), interpolation=down) for plane in planes])
    there = resized != 0
    resized[there] = (resized[there] - resized[there].mean()) / resized[there].std()
    return resized


@pytest.mark.parametrize(
    ("width", "height", "side", "bins"),
    [(34, 34, 64, 4), (240, 180, 64, 4), (128, 128, 64, 4), (101, 97, 64, 5), (64, 64, 64, 1), (120, 40, 64, 2)],
)
def test_voxels_are_those_of_the_definition(width: int, height: int, side: int, bins: int) -> None:
    events = random_events(2000, width, height)
    grid = voxel_grid(events, start_us=0, end_us=1000, bins=bins, side=side)
    np.testing.assert_allclose(grid, voxels_one_event_at_a_time(events, 1000, bins, side), atol=2e-3)


def test_polarity_and_time_have_channels_of_their_own() -> None:
    events = make([(0, 0, 0, 1), (1, 0, 50, 0), (2, 0, 100, 0), (2, 0, 100, 0)], 4, 4)
    grid = voxel_grid(events, start_us=0, end_us=100, bins=3, side=4)
    there = [(int(channel), int(x)) for channel, _, x in np.argwhere(grid)]
    assert there == [(0, 0), (4, 1), (5, 2)]


def test_voxels_that_are_there_have_mean_0_and_deviation_1_and_the_others_are_0() -> None:
    grid = voxel_grid(random_events(500, 64, 64), start_us=0, end_us=1000, bins=4, side=64)
    assert grid[grid != 0].mean() == pytest.approx(0, abs=1e-5)
    assert grid[grid != 0].std() == pytest.approx(1, abs=1e-5)
    assert 0.5 < np.mean(grid == 0) < 1


def test_where_events_lie_depends_on_the_sensor_not_on_the_events() -> None:
    grid = voxel_grid(
        make([(10, 10, 0, 1), (0, 0, 0, 1), (0, 0, 0, 1)], 128, 128), start_us=0, end_us=1, bins=1, side=64
    )
    assert [tuple(place) for place in np.argwhere(grid[0])] == [(0, 0), (5, 5)]


def test_no_events_are_an_empty_grid_a_white_picture_and_an_empty_surface() -> None:
    nothing = make([], 240, 180)
    assert not voxel_grid(nothing, start_us=0, end_us=0, bins=4, side=64).any()
    assert (event_frame(nothing, side=64) == 1).all()
    assert not time_surface(nothing, end_us=0, decay_us=10, side=64).any()


def test_a_picture_is_red_blue_black_and_white() -> None:
    picture = event_frame(make([(0, 0, 0, 1), (1, 0, 0, 0), (2, 0, 0, 0), (2, 0, 1, 1)], 4, 4), side=4)
    assert picture[:, 0].T.tolist() == [[1, 0, 0], [0, 0, 1], [0, 0, 0], [1, 1, 1]]
    assert picture.dtype == np.float32
    assert picture.flags.c_contiguous


def test_a_surface_shows_the_age_of_the_last_event_of_each_polarity() -> None:
    events = make([(0, 0, 0, 1), (1, 0, 50, 0), (0, 0, 80, 1)], 2, 2)
    surface = time_surface(events, end_us=100, decay_us=20, side=2)
    expected = np.zeros((2, 2, 2), np.float32)
    expected[0, 0, 0], expected[1, 0, 1] = np.exp(-1), np.exp(-2.5)
    np.testing.assert_allclose(surface, expected, rtol=1e-6)
