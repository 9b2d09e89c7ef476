import numpy as np
import pytest

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.simulation.objects import HELD_OUT_SEED, LABELS
from omnibind_ros.simulation.samples import EVENT_WINDOW_S, SOUND_WINDOW_S, draw_sample


def test_equal_seeds_give_equal_samples_and_others_do_not() -> None:
    first, again, other = draw_sample("kettle", 3), draw_sample("kettle", 3), draw_sample("kettle", HELD_OUT_SEED + 3)
    for name in ("rgb", "thermal", "touch", "sound", "scan", "object_points"):
        assert np.array_equal(getattr(first, name), getattr(again, name))
        assert not np.array_equal(getattr(first, name), getattr(other, name))
    assert np.array_equal(first.events.t_us, again.events.t_us)


@pytest.mark.parametrize("label", LABELS)
def test_every_sensor_senses_something_of_every_object(label: str) -> None:
    sample = draw_sample(label, 11)
    assert sample.rgb.std() > 5
    assert len(sample.events) > 100
    assert np.ptp(sample.events.t_us) <= EVENT_WINDOW_S * 1e6
    assert int(sample.events.x.max()) < sample.event_width
    assert int(sample.events.y.max()) < sample.event_height
    assert len(sample.object_points) > 50
    assert len(sample.object_points) < len(sample.scan) / 2
    assert np.abs(sample.touch.astype(int) - sample.touch_reference).max() > 10
    assert len(sample.sound) == SOUND_WINDOW_S * sample.sound_rate_hz
    assert np.abs(sample.sound).max() > 0.05
    assert all(sample.captions)


def test_an_unknown_label_is_refused() -> None:
    with pytest.raises(ConfigurationError):
        draw_sample("spaceship", 0)
