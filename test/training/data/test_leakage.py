import pytest

pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from omnibind_ros.modality import Modality
from training.data.leakage import LeakageError, check_groups, check_no_leakage
from training.data.sample_index import Items, SampleIndex
from training.data.sample_set import SampleSet


def write_split(folder, modality, groups):
    folder.mkdir()
    rows = list(range(len(groups)))
    items = {modality: Items([], rows, groups)}
    SampleIndex(["mug"], [0] * len(rows), [["a mug"]] * len(rows), ["it"] * len(rows), items).save(folder)
    return SampleSet(folder)


@pytest.mark.parametrize("modality", [Modality.AUDIO, Modality.TOUCH])
def test_a_group_in_two_splits_is_an_error_in_every_modality(tmp_path, modality):
    splits = {
        "train": write_split(tmp_path / "train", modality, ["take 1", "take 2"]),
        "test": write_split(tmp_path / "test", modality, ["take 2", "take 3"]),
    }
    with pytest.raises(LeakageError, match=rf"`take 2` is in `train` \({modality}\) and in `test` \({modality}\)"):
        check_no_leakage(splits)
    check_no_leakage({"train": splits["train"], "test": write_split(tmp_path / "other", modality, ["take 3"])})


def test_a_thing_touched_in_training_and_photographed_in_the_test_is_an_error():
    with pytest.raises(LeakageError, match=r"`mug 1` is in `train` \(touch\) and in `test` \(image\)"):
        check_groups([("train", Modality.TOUCH, "mug 1"), ("test", Modality.IMAGE, "mug 1")])
