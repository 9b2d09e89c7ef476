from itertools import pairwise

import numpy as np
import pytest

pytest.importorskip("rclpy", reason="needs ROS 2: run `make setup`")

from chaos.readings import LENGTH_S, Readings
from omnibind_ros.nodes.sensor_simulator import DRIVERS


def test_a_camera_at_double_rate_never_shows_the_same_picture_twice_in_a_row() -> None:
    readings = Readings("camera", rate=2.0)
    assert readings.period_s == DRIVERS["camera"].period_s / 2
    pictures = [readings.at(number) for number in range(round(LENGTH_S / readings.period_s) + 2)]
    assert all(not np.array_equal(one, other) for one, other in pairwise(pictures))


def test_sound_is_as_long_as_its_period() -> None:
    readings = Readings("microphone", rate=2.0)
    assert {len(readings.at(number)) for number in range(100)} == {800}


def test_events_go_on_in_time_when_the_recording_begins_again() -> None:
    readings = Readings("event")
    count = round(LENGTH_S / readings.period_s)
    times_us = np.concatenate([readings.at(number).t_us for number in range(2 * count)])
    assert (np.diff(times_us) >= 0).all()
    assert times_us[-1] > 1.5 * LENGTH_S * 1e6
