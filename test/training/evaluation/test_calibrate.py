import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from training.evaluation.calibrate import fit_temperature
from training.evaluation.evaluate import expected_calibration_error


def test_the_fitted_temperature_is_the_one_the_labels_were_drawn_with():
    rng = np.random.default_rng(0)
    similarity = rng.uniform(-1, 1, (20_000, 5))
    scores = np.exp(similarity / 0.2)
    scores /= scores.sum(axis=1, keepdims=True)
    labels = (scores.cumsum(axis=1) > rng.uniform(size=(len(scores), 1))).argmax(axis=1)
    assert fit_temperature(similarity, labels, objects=len(labels)) == pytest.approx(0.2, rel=0.05)


def test_scores_that_are_right_as_often_as_they_say_have_no_calibration_error():
    rng = np.random.default_rng(0)
    score = rng.uniform(0.2, 1.0, 50_000)
    assert expected_calibration_error(score, rng.uniform(size=len(score)) < score) < 0.01
    assert expected_calibration_error(np.full(10, 0.9), np.zeros(10, np.bool_)) == pytest.approx(0.9)


def test_labels_that_are_always_right_do_not_lead_to_certainty():
    similarity = np.array([[1.0, 0.0]] * 50)
    temperature = fit_temperature(similarity, np.zeros(50, np.int64), objects=50)
    assert 0.9 < 1 / (1 + np.exp(-1 / temperature)) < 0.995
