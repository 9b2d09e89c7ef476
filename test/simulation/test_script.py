import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.simulation.faults import Fault
from omnibind_ros.simulation.objects import HELD_OUT_SEED, LABELS
from omnibind_ros.simulation.script import Script
from omnibind_ros.simulation.sensors import SENSORS, Sensor

subsets = st.lists(st.sampled_from(SENSORS), min_size=1, max_size=len(SENSORS), unique=True).map(tuple)


def test_equal_seeds_give_equal_scripts() -> None:
    assert Script.make(4) == Script.make(4)
    assert Script.make(4) != Script.make(5)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.floats(5, 60), subsets, st.booleans())
def test_some_sensor_is_always_healthy_outside_the_blackout(
    seed: int, duration_s: float, sensors: tuple[Sensor, ...], blackout: bool
) -> None:
    script = Script.make(seed, duration_s, sensors, blackout=blackout)
    dark = script.blackout or (0.0, 0.0)
    moments = {0.0, *(edge for episode in script.episodes for edge in (episode.start_s, episode.end_s))}
    for time_s in sorted(moment for moment in moments if moment < duration_s):
        healthy = script.healthy_at(time_s)
        assert bool(healthy) != (dark[0] <= time_s < dark[1])
        assert set(healthy) <= set(sensors)
    assert bool(script.blackout) <= blackout


@pytest.mark.parametrize("seed", range(8))
def test_the_default_script_has_every_kind_of_fault_and_late_sensors(seed: int) -> None:
    script = Script.make(seed)
    assert {episode.fault for episode in script.episodes} == set(Fault)
    assert any(script.fault_at(sensor, 0.0) is Fault.UNPLUG for sensor in SENSORS)
    assert all(any(script.fault_at(sensor, time_s) is None for time_s in np.arange(0, 30, 0.5)) for sensor in SENSORS)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([("camera", "lidar"), ("touch", "event", "microphone")]))
def test_every_kind_of_fault_occurs_with_few_sensors_too(seed: int, sensors: tuple[Sensor, ...]) -> None:
    script = Script.make(seed, 30.0, sensors)
    assert {episode.fault for episode in script.episodes} == set(Fault)


def test_objects_change_about_every_two_and_a_half_seconds_and_were_never_trained_on() -> None:
    script = Script.make(1)
    assert 11 <= len(script.shows) <= 14
    assert script.shows[0].start_s == 0.0
    assert all(show.seed >= HELD_OUT_SEED and show.label in LABELS for show in script.shows)
    assert len({show.label for show in script.shows}) == len(script.shows)
    assert script.show_at(0.0) == script.shows[0]
    assert script.show_at(29.99) == script.shows[-1]


def test_actions_tell_what_happens_in_order() -> None:
    script = Script.make(2)
    actions = script.actions()
    times = [action.time_s for action in actions]
    assert times == sorted(times)
    assert {"show", "recover", *(fault.value for fault in Fault)} == {action.what for action in actions}
    for action in actions:
        if action.what == "recover":
            sensor = next(name for name in SENSORS if name == action.target)
            assert script.fault_at(sensor, action.time_s) is None


@pytest.mark.parametrize("sensors", [(), ("sonar",), ("camera", "camera")])
def test_impossible_sensors_are_refused(sensors: tuple[Sensor, ...]) -> None:
    with pytest.raises(ConfigurationError, match="name each sensor once"):
        Script.make(0, 30.0, sensors)
