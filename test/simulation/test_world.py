import numpy as np
import pytest

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.simulation.event_camera import EventBatch
from omnibind_ros.simulation.faults import Fault
from omnibind_ros.simulation.objects import HELD_OUT_SEED
from omnibind_ros.simulation.sensors import SENSORS
from omnibind_ros.simulation.touch import no_contact_image
from omnibind_ros.simulation.world import LIFTED_S, LONGEST_PAUSE_S, World

IMAGING = ("camera", "thermal", "touch")


def world(label: str = "mug") -> World:
    shown = World(3)
    shown.show(label, HELD_OUT_SEED + 7)
    return shown


def test_two_worlds_of_one_seed_are_the_same() -> None:
    one, other = World(5), World(5)
    assert one.label == other.label
    for time_s in (0.5, 0.6):
        assert np.array_equal(one.read("camera", time_s), other.read("camera", time_s))


def test_another_object_changes_what_is_seen_and_the_label() -> None:
    shown = world("mug")
    before = shown.read("camera", 1.0)
    shown.show("traffic cone", HELD_OUT_SEED)
    assert shown.label == "traffic cone"
    assert not np.array_equal(before, shown.read("camera", 1.0))


def test_an_object_nobody_knows_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="unicorn"):
        world().show("unicorn", 0)


def test_streams_join_without_gap_or_overlap() -> None:
    shown = world()
    heard = [shown.read("microphone", time_s) for time_s in np.arange(0.0, 1.05, 0.1)]
    assert sum(map(len, heard)) == 16_000
    batches = [shown.read("event", time_s) for time_s in np.arange(0.0, 0.5, 0.03)]
    times_us = np.concatenate([batch.t_us for batch in batches])
    assert len(times_us) > 100
    assert (np.diff(times_us) >= 0).all()


def test_streams_hold_nothing_from_before_a_pause() -> None:
    shown = world()
    for time_s in (0.9, 1.0):
        shown.read("microphone", time_s)
        shown.read("event", time_s)
    assert len(shown.read("microphone", 5.0)) == LONGEST_PAUSE_S * 16_000
    assert len(shown.read("event", 5.0)) == 0


def test_a_touch_sensor_just_plugged_in_is_not_touched_at_first() -> None:
    shown = world()
    untouched = no_contact_image().astype(int)
    strongest = [
        float(np.abs(shown.read("touch", time_s) - untouched).max()) for time_s in 4.0 + np.arange(0, 3.0, 1 / 30)
    ]
    frames = int(LIFTED_S * 30)
    assert max(strongest[:frames]) < 15
    assert max(strongest[frames:]) > 30


@pytest.mark.parametrize("sensor", SENSORS)
@pytest.mark.parametrize("fault", Fault)
def test_every_fault_of_every_sensor_gives_a_reading_of_the_same_kind(sensor, fault: Fault) -> None:
    healthy, faulty = world(), world()
    for time_s in (0.9, 1.0):
        expected = healthy.read(sensor, time_s)
        reading = faulty.read(sensor, time_s, fault)
    assert type(reading) is type(expected)
    if sensor in IMAGING:
        assert reading.shape == expected.shape
        assert reading.dtype == expected.dtype


@pytest.mark.parametrize("sensor", ["camera", "thermal", "touch", "lidar"])
def test_a_misled_sensor_sees_another_object(sensor) -> None:
    shown = world()
    assert not np.array_equal(shown.read(sensor, 1.0), shown.read(sensor, 1.0, Fault.MISLEAD))


def test_a_prompt_never_names_the_object_and_a_broken_one_says_nothing_about_it() -> None:
    shown = world("tennis ball")
    assert "tennis" not in shown.read("prompt", 1.0)
    assert shown.read("prompt", 1.0, Fault.BLIND) == ""
    assert shown.read("prompt", 1.0, Fault.CORRUPT) != shown.read("prompt", 1.0)


def test_events_come_as_arrays_of_one_length() -> None:
    shown = world()
    shown.read("event", 0.9)
    batch = shown.read("event", 1.0)
    assert isinstance(batch, EventBatch)
    assert len(batch.x) == len(batch.y) == len(batch.t_us) == len(batch.p) > 0
