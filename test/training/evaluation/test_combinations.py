import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from dataclasses import replace  # noqa: E402

from omnibind_ros.recognition.label_bank import LabelBank  # noqa: E402
from training.evaluation.combinations import (  # noqa: E402
    Replaced,
    accuracy,
    averages,
    combination_name,
    every_combination,
    sensors_only,
)
from training.fusion.heads.mean import MeanFusion  # noqa: E402


@pytest.fixture
def labels(sharp_centres):
    return LabelBank([f"label {number}" for number in range(12)], sharp_centres.numpy())


def test_every_combination_is_measured_once(sharp_embedded):
    every = every_combination(sharp_embedded)
    assert len(set(every)) == len(every) == 2**4 - 1
    assert combination_name(sharp_embedded, (0, 3)) == "image+audio"


def test_a_combination_that_hardly_any_sample_has_is_left_out(sharp_embedded):
    usable = sharp_embedded.usable_MN.clone()
    usable[1, 5:] = False
    assert all(1 not in members for members in every_combination(replace(sharp_embedded, usable_MN=usable)))


def test_accuracy_counts_what_is_recognised(sharp_embedded, labels):
    assert accuracy(sharp_embedded, MeanFusion(), labels, (0, 1, 2)) > 0.95
    other = Replaced(sharp_embedded.embedding_MNVD[0, :, 0].roll(1, dims=0), sharp_embedded.quality_MN[0])
    assert accuracy(sharp_embedded, MeanFusion(), labels, (0,), {0: other}) < 0.1


def test_averages_are_over_combinations_of_a_size():
    accuracies = {(0,): 0.5, (1,): 0.7, (0, 1): 0.8, (0, 1, 2, 3, 4): 1.0, (0, 1, 2, 3, 4, 5): 0.9}
    assert averages(accuracies) == pytest.approx({"1": 0.6, "2": 0.8, "5+": 0.95, "2+": 0.9, "all": 0.78})


def test_text_can_be_left_out(sharp_embedded):
    with_text = replace(sharp_embedded, code_M=torch.tensor([0, 1, 4, 5]))
    every = dict.fromkeys(every_combination(with_text), 1.0)
    left = sensors_only(with_text, every)
    assert len(left) == 2**3 - 1
    assert not any("text" in combination_name(with_text, members) for members in left)
