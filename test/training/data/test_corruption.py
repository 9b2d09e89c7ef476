import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from omnibind_ros.simulation.samples import draw_sample
from training.data.corruption import corrupted

SENSED = ("rgb", "thermal", "touch", "sound", "scan")


@pytest.fixture(scope="module")
def sample():
    return draw_sample("mug", 7)


@pytest.mark.parametrize("seed", range(8))
def test_broken_sensors_send_something_else_of_the_same_kind(sample, seed):
    before = {name: getattr(sample, name).copy() for name in SENSED}
    broken = corrupted(sample, np.random.default_rng(seed))
    for name in SENSED:
        reading = getattr(broken, name)
        assert reading.dtype == before[name].dtype
        assert reading.shape[1:] == before[name].shape[1:]
        assert not np.array_equal(reading, before[name])
        np.testing.assert_array_equal(getattr(sample, name), before[name])
    assert broken.events.x.dtype == np.uint16
    assert (broken.events.x < sample.event_width).all()
    assert not np.array_equal(broken.events.x, sample.events.x)
