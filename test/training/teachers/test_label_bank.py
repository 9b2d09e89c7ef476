import pytest

pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from omnibind_ros.simulation.objects import OBJECT_CLASSES
from training.teachers.label_bank import CENTRES, all_descriptions, label_descriptions


@pytest.mark.parametrize("captions", [[], ["a red thing"] * 3 + ["a blue thing"], [f"caption {i}" for i in range(40)]])
def test_every_label_gets_the_same_number_of_different_descriptions(captions):
    for object_class in OBJECT_CLASSES:
        descriptions = label_descriptions(object_class.label, captions)
        assert len(descriptions) == len(set(descriptions)) == CENTRES
        assert object_class.description in descriptions


def test_the_most_frequent_captions_come_first():
    descriptions = label_descriptions(OBJECT_CLASSES[0].label, ["a rare thing", *["a common thing"] * 2])
    assert descriptions.index("a common thing") < descriptions.index("a rare thing")


def test_a_label_of_which_nothing_is_known_gets_as_many_descriptions():
    descriptions = label_descriptions("zebra crossing", [])
    assert len(set(descriptions)) == CENTRES
    assert all("zebra crossing" in description for description in descriptions)


def test_descriptions_have_the_right_article():
    apple, mug = all_descriptions(["apple", "mug"], [[], []])
    assert "a photo of an apple" in apple
    assert "a photo of a mug" in mug
