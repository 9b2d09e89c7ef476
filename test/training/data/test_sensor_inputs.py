import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from omnibind_ros.modality import Modality
from omnibind_ros.simulation.samples import draw_sample
from training.data.corruption import corrupted
from training.data.inputs import input_settings
from training.data.sensor_inputs import model_input, readings_of, sample_inputs


@pytest.fixture(scope="module")
def sample():
    return draw_sample("mug", 7)


def test_every_sensor_gives_an_input_of_the_shape_its_student_takes(sample):
    inputs = sample_inputs(readings_of(sample), reference=sample.touch_reference)
    assert set(inputs) == set(Modality) - {Modality.TEXT}
    for modality, (array, quality) in inputs.items():
        assert array.shape == input_settings(modality).input_shape
        assert np.isfinite(array).all()
        assert 0 < quality <= 1


@pytest.mark.parametrize("seed", range(6))
def test_broken_sensors_give_finite_inputs_or_none(sample, seed):
    generator = np.random.default_rng(seed)
    broken = {modality: corrupted(modality, one, generator) for modality, one in readings_of(sample).items()}
    for array, quality in sample_inputs(broken, reference=sample.touch_reference).values():
        assert np.isfinite(array).all()
        assert 0 <= quality <= 1


def test_a_reading_that_the_robot_would_refuse_gives_no_input():
    assert model_input(Modality.IMAGE, np.zeros((0, 4, 3), np.uint8), input_settings(Modality.IMAGE)) is None
