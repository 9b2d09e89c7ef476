from dataclasses import is_dataclass

import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from omnibind_ros.modality import Modality
from omnibind_ros.simulation.samples import draw_sample
from training.data.corruption import corrupted
from training.data.sensor_inputs import readings_of


@pytest.fixture(scope="module")
def readings():
    return readings_of(draw_sample("mug", 7))


def arrays_of(reading):
    fields = [getattr(reading, name) for name in reading.__dataclass_fields__] if is_dataclass(reading) else [reading]
    return [field for field in fields if isinstance(field, np.ndarray)]


@pytest.mark.parametrize("modality", [modality for modality in Modality if modality is not Modality.TEXT])
@pytest.mark.parametrize("seed", range(8))
def test_broken_sensors_send_something_else_of_the_same_kind(readings, modality, seed):
    whole = [array.copy() for array in arrays_of(readings[modality])]
    broken = corrupted(modality, readings[modality], np.random.default_rng(seed))
    assert type(broken) is type(readings[modality])
    for before, original, after in zip(whole, arrays_of(readings[modality]), arrays_of(broken), strict=True):
        assert after.dtype == before.dtype
        assert after.shape[1:] == before.shape[1:]
        np.testing.assert_array_equal(original, before)
    assert any(not np.array_equal(one, other) for one, other in zip(whole, arrays_of(broken), strict=True))


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
@pytest.mark.parametrize("seed", range(4))
def test_thermal_frames_of_other_cameras_break_too(dtype, seed):
    frame = np.linspace(20, 40, 60 * 80).reshape(60, 80).astype(dtype)
    broken = corrupted(Modality.THERMAL, frame, np.random.default_rng(seed))
    assert broken.dtype == dtype
    assert np.isfinite(broken).all()
    assert not np.array_equal(broken, frame)
