import json

import pytest

pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from omnibind_ros.modality import Modality
from training.data.sample_index import ABSENT, Items, SampleIndex, index_of_shards, load_index, shard_path

IMAGE, TOUCH = Modality.IMAGE, Modality.TOUCH


def test_an_index_comes_back_as_it_was_saved(tmp_path):
    items = {IMAGE: Items(["a.safetensors"], [0, 1], ["x", "y"]), TOUCH: Items(["b.safetensors"], [ABSENT, 0], ["y"])}
    index = SampleIndex(["mug"], [0, 0], [["a mug"], ["my mug"]], ["it", "that"], items)
    index.save(tmp_path)
    assert load_index(tmp_path) == index


def test_shards_of_labels_are_one_row_for_each_instance(tmp_path):
    for label, seeds in (("mug", [4, 5]), ("wine glass", [4])):
        content = {"seeds": seeds, "captions": [[f"a {label}"]] * len(seeds), "hints": ["it"] * len(seeds)}
        shard_path(tmp_path, label).with_suffix(".json").write_text(json.dumps(content))
    index = index_of_shards(tmp_path, ("mug", "wine glass"), (IMAGE, TOUCH))
    assert index.label_of_row == [0, 0, 1]
    assert index.captions[2] == ["a wine glass"]
    assert index.items[TOUCH].item_of_row == [0, 1, 2]
    assert index.items[TOUCH].groups == ["mug 4", "mug 5", "wine glass 4"]
    assert index.items[IMAGE].shards == ["mug.safetensors", "wine_glass.safetensors"]


def test_a_label_without_a_shard_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        index_of_shards(tmp_path, ("mug",), (IMAGE,))
