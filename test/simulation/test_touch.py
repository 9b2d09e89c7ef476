import numpy as np
import pytest

from omnibind_ros.simulation.objects import LABELS, make_object
from omnibind_ros.simulation.sensors import TOUCH_HEIGHT, TOUCH_WIDTH
from omnibind_ros.simulation.touch import CONTACT_PERIOD_S, TouchSensor, contact_heights, no_contact_image

PRESSED_S, APART_S = 0.2 * CONTACT_PERIOD_S, 0.95 * CONTACT_PERIOD_S


def test_without_contact_the_image_is_the_reference_but_for_noise() -> None:
    sensor = TouchSensor(make_object("mug", 0), 1)
    assert sensor.pressure(APART_S) == 0.0
    difference = sensor.contact_image(APART_S).astype(int) - no_contact_image()
    assert np.abs(difference).max() < 10
    assert np.abs(difference.mean()) < 1.0


@pytest.mark.parametrize("label", LABELS)
def test_a_contact_changes_the_image(label: str) -> None:
    image = TouchSensor(make_object(label, 3), 2).contact_image(PRESSED_S)
    assert image.shape == (TOUCH_HEIGHT, TOUCH_WIDTH, 3)
    assert image.dtype == np.uint8
    difference = np.abs(image.astype(int) - no_contact_image())
    assert (difference.max(axis=2) > 10).mean() > 0.005


def test_contacts_come_and_go_and_touch_other_places() -> None:
    sensor = TouchSensor(make_object("dumbbell", 1), 0)
    pressures = [sensor.pressure(time_s) for time_s in np.linspace(0, 3 * CONTACT_PERIOD_S, 61)]
    assert min(pressures) == 0.0
    assert max(pressures) == 1.0
    first, held, second = (
        sensor.contact_image(time_s).astype(int)
        for time_s in (PRESSED_S, PRESSED_S + 0.01, PRESSED_S + CONTACT_PERIOD_S)
    )
    assert np.abs(first - held).mean() < 3 < np.abs(first - second).mean()


def test_the_gel_meets_the_object_near_its_middle() -> None:
    duck = make_object("rubber duck", 0)
    chance = np.cumsum(np.ones(len(duck.mesh.faces)))
    heights = contact_heights(duck, np.random.default_rng(0), chance / chance[-1])
    assert heights.shape == (TOUCH_HEIGHT, TOUCH_WIDTH)
    assert (
        heights[TOUCH_HEIGHT // 2 - 30 : TOUCH_HEIGHT // 2 + 30, TOUCH_WIDTH // 2 - 30 : TOUCH_WIDTH // 2 + 30].max()
        >= 0
    )


def test_a_bump_is_bright_on_the_side_of_each_light() -> None:
    red_left = blue_top = 0.0
    for seed in range(8):
        sensor = TouchSensor(make_object("tennis ball", seed), seed)
        change = sensor.contact_image(PRESSED_S).astype(float) - no_contact_image()
        red_left += change[:, : TOUCH_WIDTH // 2, 0].mean() - change[:, TOUCH_WIDTH // 2 :, 0].mean()
        blue_top += change[: TOUCH_HEIGHT // 2, :, 2].mean() - change[TOUCH_HEIGHT // 2 :, :, 2].mean()
    assert red_left > 0
    assert blue_top > 0


def test_knurl_feels_rougher_than_glaze() -> None:
    def roughness(label: str) -> float:
        values = []
        for seed in range(6):
            image = TouchSensor(make_object(label, seed), seed).contact_image(PRESSED_S).astype(float)
            values.append(np.abs(np.diff(image, axis=1)).mean())
        return float(np.mean(values))

    assert roughness("paint roller") > roughness("mug")
