import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from omnibind_ros.recognition.label_bank import LabelBank
from training.config import CalibrateConfig
from training.evaluation.calibrate import calibrate, load_calibration
from training.evaluation.confidence import confidence, expected_calibration_error, reliability, risk_coverage
from training.fusion.heads.mean import MeanFusion


def test_scores_that_are_right_as_often_as_they_say_have_no_calibration_error():
    rng = np.random.default_rng(0)
    score = rng.uniform(0.2, 1.0, 50_000)
    assert expected_calibration_error(score, rng.uniform(size=len(score)) < score) < 0.01
    assert expected_calibration_error(np.full(10, 0.9), np.zeros(10, np.bool_)) == pytest.approx(0.9)


def test_the_error_falls_when_only_the_surest_answer():
    score = np.linspace(0, 1, 100)
    curve = risk_coverage(score, score >= 0.5)
    assert curve["0.50"] == 0
    assert curve["1.00"] == pytest.approx(0.5)
    assert 0 < curve["area"] < 0.5


def test_every_bin_that_has_answers_tells_how_often_they_are_right():
    score, correct = np.array([0.41, 0.45, 0.99, 1.0]), np.array([True, False, True, True])
    bins = reliability(score, correct)
    assert list(bins) == ["0.40", "0.93"]
    assert bins["0.40"] == pytest.approx({"score": 0.43, "accuracy": 0.5, "share": 0.5})
    assert bins["0.93"] == pytest.approx({"score": 0.995, "accuracy": 1.0, "share": 0.5})


def test_confidence_covers_every_number_of_modalities(sharp_embedded, sharp_centres, tmp_path):
    labels = LabelBank([f"label {number}" for number in range(12)], sharp_centres.numpy())
    settings = CalibrateConfig(draws=2)
    calibrate(tmp_path, settings, sharp_embedded, MeanFusion(), labels, seed=0)
    results = confidence(
        sharp_embedded, sharp_embedded, MeanFusion(), labels, load_calibration(tmp_path), settings=settings, seed=0
    )
    assert set(results["by_number"]) == set(results["broken_by_number"]) == {"1", "2", "3", "4"}
    assert results["broken_abstention"]["error_when_answering"] < results["broken_abstention"]["error"]
    assert results["abstention"]["coverage"] == pytest.approx(0.9, abs=0.05)
    assert sum(one["share"] for one in results["broken_reliability"].values()) == pytest.approx(1)
