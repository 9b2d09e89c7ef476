import json

import numpy as np
import pytest

pytest.importorskip("pyarrow", reason="training needs pyarrow, which the robot's environment does not have")

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.modality import Modality
from training.data.leakage import LeakageError
from training.data.real_data import real_data_folder
from training.real_data.real_sets import MANIFEST, REAL_SETS, entries_of

SOUNDS, TOUCHES, PICTURES, THERMAL, CLUSTERS = REAL_SETS[:5]


def manifest(folder, files):
    """A data folder whose manifest lists files, and their splits."""
    listed = [{"file": file, "split": split} for file, split in files]
    (folder / MANIFEST).write_text(json.dumps({"entries": listed}))
    for file, _ in files:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
    return folder


def test_touches_and_pictures_of_one_object_are_one_group(tmp_path):
    manifest(
        tmp_path,
        [
            ("tactile/vt60/touch/mug/03_touch_1.jpg", "test"),
            ("tactile/vt60/touch/mug/03_touch_2.jpg", "test"),
            ("tactile/vt60/vision/mug/03_IMG.jpg", "test"),
            ("tactile/vt60/touch_baseline.jpg", None),
        ],
    )
    touches, pictures = entries_of(TOUCHES, tmp_path), entries_of(PICTURES, tmp_path)
    assert {entry.group for entry in (*touches, *pictures)} == {"mug 03"}
    assert {(entry.label, entry.modality) for entry in touches} == {("mug", Modality.TOUCH)}
    assert len(touches) == 2


def test_an_object_in_training_and_test_is_refused(tmp_path):
    files = [("tactile/vt60/touch/mug/03_a.jpg", "test"), ("tactile/vt60/touch/mug/03_b.jpg", "train")]
    with pytest.raises(LeakageError, match="mug 03"):
        entries_of(TOUCHES, manifest(tmp_path, files))


def test_thermal_crops_of_a_block_that_is_tested_are_not_learnt_from(tmp_path):
    files = [
        ("thermal/hituav_crops/car/00_1_60_50_0_07410.png", "train"),
        ("thermal/hituav_crops/background/01_1_60_50_0_07420.png", "test"),
        ("thermal/hituav_crops/background/02_1_60_50_0_09999.png", "train"),
    ]
    entries = entries_of(THERMAL, manifest(tmp_path, files))
    assert [(entry.label, entry.split) for entry in entries] == [("background", "test"), ("background", "train")]


def test_clusters_are_items_of_their_file(tmp_path):
    manifest(tmp_path, [("lidar/kitti_objects/train.npz", "train")])
    np.savez(
        tmp_path / "lidar/kitti_objects/train.npz", points=np.zeros((2, 4, 3)), label=[1, 0], names=["cyclist", "car"]
    )
    entries = entries_of(CLUSTERS, tmp_path)
    assert [entry.label for entry in entries] == ["car", "cyclist"]
    assert [entry.path.partition("#")[2] for entry in entries] == ["0", "1"]


def test_recordings_that_are_not_there_are_named(tmp_path):
    with pytest.raises(ConfigurationError, match="ESC-10 sounds are not there"):
        entries_of(SOUNDS, tmp_path)


@pytest.mark.parametrize("real", REAL_SETS, ids=[real.name for real in REAL_SETS])
def test_of_the_real_recordings_every_label_has_a_name_and_is_in_both_splits(real):
    try:
        folder = real_data_folder("recordings are", [MANIFEST, real.folder])
    except ConfigurationError as error:
        pytest.skip(str(error))
    entries = entries_of(real, folder)
    for split in ("train", "test"):
        assert {entry.label for entry in entries if entry.split == split} == set(real.name_of)
