import json

import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from omnibind_ros.recognition.label_bank import LabelBank
from training.config import CalibrateConfig
from training.evaluation.calibrate import CALIBRATION_FILE, calibrate, fit_temperature, load_calibration
from training.fusion.heads.mean import MeanFusion


def test_the_fitted_temperature_is_the_one_the_labels_were_drawn_with():
    rng = np.random.default_rng(0)
    similarity = rng.uniform(-1, 1, (20_000, 5))
    scores = np.exp(similarity / 0.2)
    scores /= scores.sum(axis=1, keepdims=True)
    labels = (scores.cumsum(axis=1) > rng.uniform(size=(len(scores), 1))).argmax(axis=1)
    assert fit_temperature(similarity, labels, objects=len(labels)) == pytest.approx(0.2, rel=0.05)


def test_labels_that_are_always_right_do_not_lead_to_certainty():
    similarity = np.array([[1.0, 0.0]] * 50)
    temperature = fit_temperature(similarity, np.zeros(50, np.int64), objects=50)
    assert 0.9 < 1 / (1 + np.exp(-1 / temperature)) < 0.995


def test_the_robot_gets_a_temperature_and_a_threshold_for_every_number_of_modalities(
    sharp_embedded, sharp_centres, tmp_path
):
    labels = LabelBank([f"label {number}" for number in range(12)], sharp_centres.numpy())
    calibrate(tmp_path, CalibrateConfig(draws=2), sharp_embedded, MeanFusion(), labels, seed=0)
    stored = json.loads((tmp_path / CALIBRATION_FILE).read_text())
    assert len(stored["temperatures"]) == len(stored["thresholds"]) == 4
    robot = load_calibration(tmp_path).for_robot()
    assert robot.scores(np.array([1.0, 0.0], np.float32), 9).sum() == pytest.approx(1)
