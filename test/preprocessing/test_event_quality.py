import numpy as np
import pytest

from omnibind_ros.messages.event_array import Events
from omnibind_ros.preprocessing.event_quality import event_quality

SENSORS = [(34, 34), (240, 180), (346, 260), (640, 480), (1280, 720)]


def events_at(x: np.ndarray, y: np.ndarray, width: int, height: int) -> Events:
    t_us = np.arange(len(x), dtype=np.int64)
    return Events(x.astype(np.uint16), y.astype(np.uint16), t_us, t_us % 2 == 0, width, height)


def quality(events: Events) -> float:
    return event_quality(events, enough_events=300, clear_structure=0.3)


def moving_ring(number: int, width: int, height: int) -> Events:
    random = np.random.default_rng(1)
    angle = random.random(number) * 2 * np.pi
    spread = random.normal(0, 0.01 * height, (2, number))
    x = width / 2 + 0.15 * height * np.cos(angle) + spread[0]
    return events_at(x, height / 2 + 0.15 * height * np.sin(angle) + spread[1], width, height)


def noise(number: int, width: int, height: int) -> Events:
    random = np.random.default_rng(2)
    return events_at(random.integers(0, width, number), random.integers(0, height, number), width, height)


def hot_pixels(number: int, width: int, height: int) -> Events:
    random = np.random.default_rng(3)
    pixels = random.choice(random.integers(0, width * height, 15), number)
    return events_at(pixels % width, pixels // width, width, height)


@pytest.mark.parametrize(("width", "height"), SENSORS)
@pytest.mark.parametrize("number", [2_000, 200_000])
def test_a_moving_object_is_good_and_noise_and_hot_pixels_are_not(width: int, height: int, number: int) -> None:
    assert quality(moving_ring(number, width, height)) > 0.9
    assert quality(noise(number, width, height)) < 0.3
    assert quality(hot_pixels(number, width, height)) < 0.3


def test_quality_grows_with_the_number_of_events_up_to_enough() -> None:
    few, more, enough = (quality(moving_ring(number, 34, 34)) for number in (30, 150, 300))
    assert few < more < enough == 1


def test_nothing_is_worth_nothing() -> None:
    assert quality(noise(0, 240, 180)) == 0
