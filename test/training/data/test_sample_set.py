import json

import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from safetensors.torch import save_file  # noqa: E402

from omnibind_ros.modality import Modality  # noqa: E402
from training.data.sample_set import LeakageError, SampleSet, check_no_leakage, shard_path  # noqa: E402

LABELS = ("mug", "wine glass")


def write_split(folder, seeds):
    folder.mkdir()
    for label in LABELS:
        path = shard_path(folder, label)
        tensors = {
            "thermal": torch.arange(len(seeds)).view(-1, 1, 1, 1).expand(-1, 1, 2, 2).half().contiguous(),
            "thermal.quality": torch.tensor([0.0] + [1.0] * (len(seeds) - 1)),
        }
        index = {"seeds": seeds, "captions": [[f"a {label}"]] * len(seeds), "hints": ["something"] * len(seeds)}
        save_file(tensors, path)
        path.with_suffix(".json").write_text(json.dumps(index))
    return SampleSet(folder, LABELS)


def test_samples_come_with_labels_captions_and_inputs_in_one_order(tmp_path):
    samples = write_split(tmp_path / "train", [4, 5, 6])
    assert samples.label_N.tolist() == [0, 0, 0, 1, 1, 1]
    assert samples.captions[3] == ["a wine glass"]
    assert samples.inputs(Modality.THERMAL)[:, 0, 0, 0].tolist() == [0, 1, 2, 0, 1, 2]


def test_samples_the_robot_would_refuse_are_not_usable(tmp_path):
    samples = write_split(tmp_path / "train", [4, 5, 6])
    assert samples.usable(Modality.THERMAL).tolist() == [1, 2, 4, 5]


def test_a_share_leaves_out_whole_instances(tmp_path):
    samples = write_split(tmp_path / "train", [4, 5, 6])
    assert samples.usable(Modality.THERMAL, share=0.6).tolist() == [1, 4]


def test_the_same_object_in_two_splits_is_an_error(tmp_path):
    splits = {"train": write_split(tmp_path / "train", [1, 2]), "test": write_split(tmp_path / "test", [2, 3])}
    with pytest.raises(LeakageError, match=r"mug 2 is in .train. and in .test."):
        check_no_leakage(splits)
    check_no_leakage({"train": splits["train"], "test": write_split(tmp_path / "other", [3, 4])})
