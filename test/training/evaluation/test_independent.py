import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from dataclasses import replace  # noqa: E402

from training.evaluation.combinations import Replaced  # noqa: E402
from training.evaluation.independent import IndependentOpinions  # noqa: E402

LABELS = 12


@pytest.fixture(scope="module")
def opinions(sharp_embedded):
    return IndependentOpinions(sharp_embedded, sharp_embedded, LABELS)


def lie(embedded, index):
    """What the sensor saw of the next sample, which has the next label."""
    shown = embedded.embedding_MNVD[index, :, 0].roll(-1, dims=0)
    return {index: Replaced(shown, embedded.quality_MN[index])}


def test_several_sensors_are_right_together(opinions, sharp_embedded):
    assert opinions.accuracy(sharp_embedded, (0, 1, 2)) > 0.95


def test_one_liar_is_outvoted_by_two(opinions, sharp_embedded):
    assert opinions.accuracy(sharp_embedded, (0, 1, 2), lie(sharp_embedded, 1)) > 0.9


def test_a_lone_liar_is_believed(opinions, sharp_embedded):
    assert opinions.accuracy(sharp_embedded, (1,), lie(sharp_embedded, 1)) < 0.1


def test_a_label_that_was_never_trained_is_never_found(sharp_embedded):
    known = replace(sharp_embedded, usable_MN=sharp_embedded.usable_MN & (sharp_embedded.label_N != 3))
    opinions = IndependentOpinions(known, sharp_embedded, LABELS)
    found = opinions.accuracy(sharp_embedded, (0, 1, 2))
    assert found == pytest.approx(11 / 12, abs=0.03)


def test_two_labels_are_enough(sharp_embedded):
    two = replace(sharp_embedded, usable_MN=sharp_embedded.usable_MN & (sharp_embedded.label_N < 2))
    assert IndependentOpinions(two, two, 2).accuracy(two, (0, 1)) > 0.95
