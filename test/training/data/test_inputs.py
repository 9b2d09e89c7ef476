import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from omnibind_ros.modality import Modality
from omnibind_ros.preprocessing.registry import make_preprocessor, settings_from
from training.data.inputs import input_settings


@pytest.mark.parametrize("modality", list(Modality))
def test_a_bundle_can_carry_the_settings_and_give_them_back(modality):
    settings = input_settings(modality)
    assert settings_from(modality, settings.model_dump(mode="json")) == settings


def test_a_hot_object_does_not_change_how_the_next_thermal_frame_is_seen():
    frame = np.full((120, 160), 29_400, np.uint16)
    frame[40:80, 60:100] = 29_700
    hot = np.where(frame > 29_500, 60_000, frame).astype(np.uint16)
    settings = input_settings(Modality.THERMAL)
    fresh, used = (make_preprocessor(Modality.THERMAL, settings) for _ in range(2))
    used.add(hot, 1_000_000_000)
    used.take()
    fresh.add(frame, 1_100_000_000)
    used.add(frame, 1_100_000_000)
    np.testing.assert_array_equal(used.take().array, fresh.take().array)
