from pathlib import Path

import pytest

pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from recorded_bag import sensors, write_bag
from tiny_bundle import write_tiny_bundle

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.retrieval.store import StoreSettings
from training.retrieval.index import index_sources


def test_sources_of_every_kind_come_into_one_store(splits, tmp_path: Path) -> None:
    bundle = write_tiny_bundle(tmp_path / "tiny")
    samples = splits["test"]
    bag = write_bag(tmp_path / "drive", sensors(1.0))
    table = tmp_path / "one.csv"
    table.write_text(f"modality,path,label\nimage,{write_picture(tmp_path / 'cup.png')},cup\n")
    sources = [str(samples._folder), str(bag), str(next(bag.glob("*.mcap"))), str(table)]
    settings = StoreSettings(merge_similarity=-1.0)
    store = index_sources(sources, bundle, settings)
    labels = [entry.label for entry in store.entries]
    assert labels[: len(samples)] == [samples.labels[label] for label in samples.label_N.tolist()]
    # All of a bag is one thing with these settings; a sample of a split or a table never is another.
    assert len(store) == len(samples) + 2
    assert labels[-1] == "cup"
    assert max(entry.count for entry in store.entries) > 10
    assert len(index_sources(sources, bundle, StoreSettings(most=7))) == 7


def write_picture(file: Path) -> Path:
    import cv2  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415

    pixels = np.random.default_rng(0).integers(0, 256, (48, 64, 3), np.uint8)
    cv2.imwrite(str(file), pixels)
    return file


def test_what_is_not_there_is_told(tmp_path: Path) -> None:
    bundle = write_tiny_bundle(tmp_path / "tiny")
    with pytest.raises(ConfigurationError, match="nowhere: there is no such file or folder"):
        index_sources([str(tmp_path / "nowhere")], bundle, StoreSettings())
