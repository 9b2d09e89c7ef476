import json

import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from training.evaluation.calibrate import calibrate, load_calibration
from training.evaluation.evaluate import RESULTS_FILE, evaluate, expected_calibration_error
from training.fusion.embedded import embed_split
from training.fusion.fuse import load_head


def test_scores_that_are_right_as_often_as_they_say_have_no_calibration_error():
    rng = np.random.default_rng(0)
    score = rng.uniform(0.2, 1.0, 50_000)
    assert expected_calibration_error(score, rng.uniform(size=len(score)) < score) < 0.01
    assert expected_calibration_error(np.full(10, 0.9), np.zeros(10, np.bool_)) == pytest.approx(0.9)


def test_results_cover_every_modality_combination_and_number_of_tokens(  # noqa: PLR0917 fixtures
    tiny_config, splits, distilled, fused, embedded, bank, tmp_path
):
    head = load_head(fused)
    calibrate(tmp_path, tiny_config, embedded, head, bank)
    calibration = load_calibration(tmp_path)
    test = embed_split(splits["test"], tiny_config, distilled)
    evaluate(tmp_path, tiny_config, test=test, head=head, bank=bank, calibration=calibration)
    results = json.loads((tmp_path / RESULTS_FILE).read_text())
    assert set(results["single"]) == {"image", "text", "thermal"}
    assert set(results["combinations"]) == {"image", "thermal", "image+thermal"}
    assert set(results["calibration"]) == {"1", "2", "3"}
    assert results["by_number"]["2"] > 0.2, "one label in thirty would be chance"
    assert "image" in (tmp_path / "results.md").read_text()
