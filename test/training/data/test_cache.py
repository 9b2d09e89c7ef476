from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.modality import Modality
from training.config import CacheConfig, DataConfig, MatchConfig, TrainingConfig
from training.data import cache as step
from training.data.cache import UNREADABLE_FILE, cache
from training.data.folders import read_folders
from training.data.leakage import LeakageError
from training.data.match import match
from training.data.sample_set import SampleSet
from training.data.splits import SPLITS, draw_splits

IMAGE, TOUCH, THERMAL = Modality.IMAGE, Modality.TOUCH, Modality.THERMAL
CONFIG = TrainingConfig(
    modalities=(IMAGE, Modality.TEXT, THERMAL, TOUCH),
    data=DataConfig(shares={"fusion": 0.2, "validation": 0.2, "test": 0.2}, inputs={IMAGE: {"side": 32}}),
    cache=CacheConfig(faulty_every=2),
)


@pytest.fixture(autouse=True)
def _in_this_process(monkeypatch):
    def run_jobs(name, function, jobs, workers):
        for job in jobs:
            function(*job)

    monkeypatch.setattr(step, "run_jobs", run_jobs)


@pytest.fixture
def recorded(tmp_path):
    """Ten things of two labels; every second one was touched too; one thermal file is damaged."""
    generator = np.random.default_rng(0)
    for label in ("mug", "spoon"):
        for modality, count in (("image", 10), ("touch", 5), ("thermal", 5)):
            folder = tmp_path / "data" / modality / label
            folder.mkdir(parents=True)
            for number in range(count):
                cv2.imwrite(str(folder / f"{number}.png"), generator.integers(0, 256, (40, 60, 3), np.uint8))
    (tmp_path / "data" / "thermal" / "mug" / "0.png").write_bytes(b"damaged")
    return tmp_path / "data"


def prepared(folder, config=CONFIG):
    entries = draw_splits(read_folders(folder), config.data.shares, seed=0)
    return entries, match(entries, MatchConfig(), 0, lambda _: None)


def test_recordings_become_a_sample_set_of_every_split(recorded, tmp_path, capsys):
    entries, rows = prepared(recorded)
    cache(tmp_path / "cache", CONFIG, entries, rows, code="one")
    sets = {split: SampleSet(tmp_path / "cache" / split) for split in SPLITS}
    assert sum(len(one.items(IMAGE)) for one in sets.values()) == 20
    assert sum(len(one.items(THERMAL)) for one in sets.values()) == 9
    train = sets["train"]
    assert {Path(file).parent.name for file in train.recordings(IMAGE)} == {"mug", "spoon"}
    assert train.labels == ("mug", "spoon")
    assert train.inputs(IMAGE).shape == (len(train), 3, 32, 32)
    assert train.usable(TOUCH).numel() == len(train)
    assert len(train.faulty(IMAGE)[0]) == (len(train.items(IMAGE)) + 1) // 2
    assert all(
        group.split("/")[0] == train.labels[label]
        for group, label in zip(train.groups(IMAGE), train.label_N, strict=True)
    )
    assert "damaged" not in capsys.readouterr().out
    assert "thermal/mug/0.png" in (tmp_path / "cache" / UNREADABLE_FILE).read_text()


def test_a_second_run_keeps_what_is_current_and_makes_what_has_changed(recorded, tmp_path):
    entries, rows = prepared(recorded)
    folder = tmp_path / "cache"
    cache(folder, CONFIG, entries, rows, code="one")
    shard, other = (folder / "train" / f"{modality}-0000.safetensors" for modality in ("image", "touch"))
    before = shard.stat().st_mtime_ns, other.stat().st_mtime_ns
    changed = replace(CONFIG, data=replace(CONFIG.data, inputs={IMAGE: {"side": 16}}))
    cache(folder, changed, entries, rows, code="one")
    assert shard.stat().st_mtime_ns != before[0]
    assert other.stat().st_mtime_ns == before[1]
    assert SampleSet(folder / "train").items(IMAGE).shape[-1] == 16


def test_a_thing_in_two_splits_fails(recorded, tmp_path):
    entries, rows = prepared(recorded)
    leaking = [replace(one, group="mug 7") if one.modality is TOUCH else one for one in entries]
    with pytest.raises(LeakageError, match=r"`mug 7` is in `train` \(touch\)"):
        cache(tmp_path / "cache", CONFIG, leaking, rows, code="one")


def test_a_split_without_recordings_is_an_error(recorded, tmp_path):
    entries, rows = prepared(recorded)
    with pytest.raises(ConfigurationError, match="no recording for the split `test`"):
        cache(tmp_path / "cache", CONFIG, entries, [row for row in rows if row.split != "test"], code="one")
