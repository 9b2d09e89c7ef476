import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from omnibind_ros.recognition.label_bank import LabelBank  # noqa: E402
from training.evaluation.zero_shot import zero_shot  # noqa: E402
from training.fusion.heads.mean import MeanFusion  # noqa: E402

NAMES = [f"label {number}" for number in range(12)]


def test_choosing_among_fewer_labels_is_easier(sharp_embedded, sharp_centres):
    labels = LabelBank(NAMES, sharp_centres.numpy())
    results = zero_shot(sharp_embedded, {"mean": MeanFusion()}, labels, NAMES[:3])["mean"]
    assert results["unseen"]["1"] >= results["unseen_among_all"]["1"]
    assert results["unseen"]["all"] > 0.9
    low, high = sorted((results["unseen_among_all"]["2+"], results["seen_among_all"]["2+"]))
    assert low <= results["harmonic"]["2+"] <= high


def test_a_set_without_unseen_labels_is_refused(sharp_embedded, sharp_centres):
    labels = LabelBank([*NAMES, "other"], torch.cat([sharp_centres, sharp_centres[:1]]).numpy())
    with pytest.raises(ValueError, match="unseen"):
        zero_shot(sharp_embedded, {"mean": MeanFusion()}, labels, ["other"])
