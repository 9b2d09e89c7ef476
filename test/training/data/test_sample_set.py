import json

import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from safetensors.torch import save_file  # noqa: E402

from omnibind_ros.modality import Modality  # noqa: E402
from training.data.sample_index import Items, SampleIndex  # noqa: E402
from training.data.sample_set import SampleSet  # noqa: E402

THERMAL, TOUCH = Modality.THERMAL, Modality.TOUCH


@pytest.fixture
def samples(tmp_path):
    """Six rows of two labels; two shards of thermal items, of which the first is of no use; one touch item."""
    for name, first, quality in (("a", 0, [0.0, 1.0, 1.0]), ("b", 3, [1.0, 1.0, 1.0])):
        picture = torch.arange(first, first + 3).view(-1, 1, 1, 1).expand(-1, 1, 2, 2)
        tensors = {"thermal": picture.half().contiguous(), "thermal.quality": torch.tensor(quality)}
        save_file(tensors, tmp_path / f"{name}.safetensors")
    touched = {"touch": torch.ones(1, 3, 2, 2).half(), "touch.quality": torch.ones(1)}
    faults = {"touch.faulty": torch.zeros(2, 3, 2, 2).half(), "touch.faulty.quality": torch.tensor([0.5, 0.1])}
    save_file({**touched, **faults}, tmp_path / "c.safetensors")
    thermal = Items(["a.safetensors", "b.safetensors"], list(range(6)), ["mug 1", "mug 2", "mug 3", "x", "x", "y"])
    touch = Items(["c.safetensors"], [-1, 0, 0, -1, -1, 0], ["pad 1"])
    SampleIndex(
        labels=["mug", "wine glass"],
        label_of_row=[0, 0, 0, 1, 1, 1],
        captions=[["a mug"]] * 3 + [["a wine glass"]] * 3,
        hints=["something"] * 6,
        items={TOUCH: touch, THERMAL: thermal},
    ).save(tmp_path)
    return SampleSet(tmp_path)


def test_rows_come_with_labels_captions_inputs_and_groups_in_one_order(samples):
    assert samples.modalities == (THERMAL, TOUCH)
    assert samples.label_N.tolist() == [0, 0, 0, 1, 1, 1]
    assert samples.captions[3] == ["a wine glass"]
    assert samples.inputs(THERMAL)[:, 0, 0, 0].tolist() == [0, 1, 2, 3, 4, 5]
    assert samples.groups(THERMAL) == ["mug 1", "mug 2", "mug 3", "x", "x", "y"]


def test_an_item_serves_several_rows_and_is_zero_in_those_without_one(samples):
    assert samples.inputs(TOUCH)[:, 0, 0, 0].tolist() == [0, 1, 1, 0, 0, 1]
    assert samples.quality(TOUCH).tolist() == [0, 1, 1, 0, 0, 1]
    assert samples.groups(TOUCH) == ["", "pad 1", "pad 1", "", "", "pad 1"]
    assert samples.usable(TOUCH).tolist() == [1, 2, 5]
    assert len(samples.items(TOUCH)) == 1


def test_a_modality_without_items_has_rows_of_nothing(samples):
    assert samples.usable(Modality.IMAGE).tolist() == []
    assert samples.inputs(Modality.IMAGE).shape == (6, 3, 64, 64)
    assert samples.groups(Modality.IMAGE) == [""] * 6


def test_what_broken_sensors_sent_may_be_missing(samples):
    assert samples.faulty(TOUCH)[1].tolist() == [0.5, pytest.approx(0.1)]
    inputs, quality = samples.faulty(THERMAL)
    assert (len(inputs), len(quality), inputs.shape[1:]) == (0, 0, (1, 2, 2))


def test_samples_the_robot_would_refuse_are_not_usable(samples):
    assert samples.usable(THERMAL).tolist() == [1, 2, 3, 4, 5]


def test_a_share_leaves_out_whole_groups(samples):
    assert samples.usable(THERMAL, share=0.5).tolist() == [1, 3, 4]


def test_a_folder_without_an_index_is_not_a_split(tmp_path):
    with pytest.raises(FileNotFoundError):
        SampleSet(tmp_path)


def test_recordings_are_told_by_row_where_they_are_known(samples, tmp_path):
    assert samples.recordings(TOUCH) == samples.recordings(Modality.IMAGE) == [""] * 6
    content = json.loads((tmp_path / "samples.json").read_text())
    content["items"]["touch"]["recordings"] = ["/data/pad.png"]
    (tmp_path / "samples.json").write_text(json.dumps(content))
    assert SampleSet(tmp_path).recordings(TOUCH) == ["", "/data/pad.png", "/data/pad.png", "", "", "/data/pad.png"]
