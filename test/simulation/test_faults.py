import numpy as np
import pytest

from omnibind_ros.simulation.event_camera import EventBatch
from omnibind_ros.simulation.faults import Reading, blind, corrupt
from omnibind_ros.simulation.samples import draw_sample
from omnibind_ros.simulation.sensors import VIEW_HEIGHT, VIEW_WIDTH, Sensor


@pytest.fixture(scope="module")
def readings() -> dict[Sensor, Reading]:
    sample = draw_sample("hammer", 3)
    return {
        "camera": sample.rgb,
        "thermal": sample.thermal,
        "event": sample.events,
        "touch": sample.touch,
        "microphone": sample.sound,
        "lidar": sample.scan,
    }


def test_a_blind_sensor_delivers_nothing_to_see(readings: dict[Sensor, Reading]) -> None:
    blinded = {sensor: blind(sensor, reading) for sensor, reading in readings.items()}
    assert not np.any(blinded["camera"])
    assert (blinded["thermal"] == 65535).all()
    assert len(blinded["event"]) == 0
    assert np.ptp(blinded["touch"]) == 0
    assert not np.any(blinded["microphone"])
    assert blinded["lidar"].shape == (0, 3)


def test_a_corrupt_sensor_delivers_something_else_of_the_same_kind(readings: dict[Sensor, Reading]) -> None:
    for sensor, reading in readings.items():
        broken = corrupt(sensor, reading, np.random.default_rng(0))
        again = corrupt(sensor, reading, np.random.default_rng(0))
        if isinstance(reading, EventBatch):
            assert isinstance(broken, EventBatch)
            assert int(broken.x.max()) < VIEW_WIDTH
            assert int(broken.y.max()) < VIEW_HEIGHT
            assert reading.t_us[0] <= broken.t_us[0] <= broken.t_us[-1] <= reading.t_us[-1]
        else:
            assert broken.dtype == reading.dtype
            assert broken.shape == reading.shape
            assert not np.array_equal(broken, reading)
            assert np.array_equal(broken, again, equal_nan=sensor == "lidar")


def test_corrupt_points_are_partly_not_a_number(readings: dict[Sensor, Reading]) -> None:
    assert np.isnan(corrupt("lidar", readings["lidar"], np.random.default_rng(0))).any()


def test_faults_leave_the_true_reading_as_it_was(readings: dict[Sensor, Reading]) -> None:
    before = np.array(readings["camera"])
    blind("camera", readings["camera"])
    corrupt("camera", readings["camera"], np.random.default_rng(0))
    assert np.array_equal(before, readings["camera"])
