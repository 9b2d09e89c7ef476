"""Broken messages are really broken, and the originals stay whole."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

pytest.importorskip("rclpy", reason="needs ROS 2: run `make setup`")

from chaos.malformed import BREAKAGES, malformed
from chaos.readings import Readings
from omnibind_ros.nodes.sensor_simulator import DRIVERS
from omnibind_ros.simulation.sensors import SENSORS, Sensor


@pytest.fixture(scope="module", params=SENSORS)
def message(request: pytest.FixtureRequest) -> Any:
    sensor: Sensor = request.param
    return DRIVERS[sensor].make(Readings(sensor).at(0), 1_000_000_000, 0)


def test_a_message_is_broken_in_every_way_of_its_type_and_the_original_stays(message: Any) -> None:
    before = str(message)
    rng = np.random.default_rng(0)
    broken = {str(malformed(message, rng)) for _ in range(60)}
    assert str(message) == before
    assert before not in broken
    assert len(broken) >= len(BREAKAGES[type(message).__name__])


def test_a_type_nobody_thought_of_is_refused() -> None:
    with pytest.raises(KeyError):
        malformed(SimpleNamespace(), np.random.default_rng(0))
