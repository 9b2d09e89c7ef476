import json

import pytest

pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from omnibind_ros.recognition.label_bank import LabelBank
from training.config import CalibrateConfig, TrainingConfig
from training.evaluation.aggregate import aggregate
from training.evaluation.calibrate import calibrate, load_calibration
from training.evaluation.evaluate import RESULTS_FILE, TrainedHead, evaluate
from training.evaluation.pictures import PICTURES
from training.evaluation.report import to_markdown
from training.fusion.embedded import of_labels
from training.fusion.heads.registry import make_head

NAMES = [f"label {number}" for number in range(12)]


@pytest.fixture(scope="module")
def evaluated(sharp_embedded, sharp_centres, tmp_path_factory):
    folder = tmp_path_factory.mktemp("evaluate")
    everything = LabelBank(NAMES, sharp_centres.numpy())
    labels = LabelBank(NAMES[:10], sharp_centres[:10].numpy())
    trained = of_labels(sharp_embedded, 10)
    config = TrainingConfig(calibrate=CalibrateConfig(draws=1))
    heads = {}
    for name in ("mean", "reliable"):
        head = make_head(name).requires_grad_(False).eval()
        calibrate(folder, config.calibrate, trained, head, labels, seed=0)
        heads[name] = TrainedHead(head, load_calibration(folder))
    evaluate(
        folder,
        config,
        fusion=trained,
        validation=trained,
        test=sharp_embedded,
        heads=heads,
        bank=labels,
        bank_with_unseen=everything,
    )
    return folder


def test_results_cover_every_modality_combination_and_head(evaluated):
    results = json.loads((evaluated / RESULTS_FILE).read_text())
    assert set(results["single"]) == {"image", "thermal", "touch", "audio"}
    assert set(results["heads"]) == {"mean", "reliable"}
    for head in results["heads"].values():
        assert len(head["combinations"]) == 15
        assert set(head["robustness"]) == {"noise", "another object", "broken sensor"}
    assert results["heads"]["mean"]["by_number"]["2+"] > 0.9
    assert results["zero_shot"]["labels"] == 2
    assert set(results["independent"]["robustness"]) == {"noise", "another object", "broken sensor"}


def test_tables_and_pictures_are_written(evaluated):
    written = (evaluated / "results.md").read_text()
    assert "| reliable |" in written
    assert "| noise | *independent opinions* |" in written
    for picture in PICTURES:
        assert (evaluated / picture).read_bytes().startswith(b"\x89PNG")


def test_results_of_several_runs_have_the_same_tables(evaluated):
    results = json.loads((evaluated / RESULTS_FILE).read_text())
    assert "±" in to_markdown(aggregate([results, results]))
