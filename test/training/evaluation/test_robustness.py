import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from dataclasses import replace  # noqa: E402
from functools import partial  # noqa: E402

from omnibind_ros.recognition.label_bank import LabelBank  # noqa: E402
from training.evaluation.combinations import accuracy, every_combination  # noqa: E402
from training.evaluation.robustness import KINDS, replacements, robustness  # noqa: E402
from training.fusion.heads.mean import MeanFusion  # noqa: E402


def test_another_object_has_another_label(sharp_embedded, sharp_centres):
    shown = replacements(sharp_embedded, 0)["another object"][2].embedding_ND
    nearest = (shown @ sharp_centres[:, 0].T).argmax(dim=1)
    assert (nearest == sharp_embedded.label_N).float().mean() < 0.1
    assert (nearest.bincount() > 0).all()


def test_what_the_robot_would_refuse_does_not_count_as_a_broken_sensor(sharp_embedded):
    refused = replace(sharp_embedded, faulty_quality_MF=torch.zeros_like(sharp_embedded.faulty_quality_MF))
    assert replacements(refused, 0)["broken sensor"] == {}


def test_losses_are_against_the_whole_combination_and_the_one_without(sharp_embedded, sharp_centres):
    labels = LabelBank([f"label {number}" for number in range(12)], sharp_centres.numpy())
    head = MeanFusion()
    clean = {m: accuracy(sharp_embedded, head, labels, m) for m in every_combination(sharp_embedded)}
    results = robustness(
        sharp_embedded, partial(accuracy, sharp_embedded, head, labels), clean, replacements(sharp_embedded, 0)
    )
    assert set(results) == set(KINDS)
    for row in results.values():
        assert row["clean"] - row["corrupted"] == pytest.approx(row["mean_loss"])
        assert row["worst_loss"] >= row["mean_loss"]
        assert row["worst_modality"] in row["worst_combination"].split("+")
        assert row["worst_combination"].count("+") >= 2, "two clean ones are left"
