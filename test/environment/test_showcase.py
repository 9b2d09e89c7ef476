"""The show behind `make dashboard`: its acts are ones that the simulator can play."""

import runpy
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("rclpy", reason="needs ROS 2: run `make setup`")

from omnibind_ros.nodes.sensor_simulator import FAULTS
from omnibind_ros.simulation.objects import LABELS
from omnibind_ros.simulation.sensors import SENSORS

SHOWCASE = Path(__file__).resolve().parents[2] / "environment" / "showcase.py"


@pytest.fixture(scope="module")
def showcase() -> dict[str, Any]:
    return runpy.run_path(str(SHOWCASE))


def test_the_acts_follow_each_other_and_can_be_played(showcase: dict[str, Any]) -> None:
    times_s = [time_s for time_s, _ in showcase["ACTS"]]
    assert times_s == sorted(times_s)
    assert times_s[-2] < showcase["PICTURE_S"] < times_s[-1]
    for _, changes in showcase["ACTS"]:
        for name, value in changes.items():
            sensor, _, parameter = name.rpartition(".")
            assert value in (FAULTS if parameter == "fault" else LABELS)
            assert sensor in (SENSORS if parameter == "fault" else ("",))


def test_the_show_begins_again_with_every_sensor_as_it_was(showcase: dict[str, Any]) -> None:
    state: dict[str, str] = {}
    for _, changes in showcase["ACTS"]:
        state |= changes
    assert {value for name, value in state.items() if name.endswith(".fault")} == {"none"}
