from collections import Counter

import pytest

pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.modality import Modality
from training.config import DataConfig, MatchConfig
from training.data.digits import DIGITS, data_folder, digits_entries
from training.data.match import match
from training.data.recordings import read_recording
from training.data.splits import draw_splits

IMAGE, EVENT, AUDIO = Modality.IMAGE, Modality.EVENT, Modality.AUDIO


@pytest.fixture(scope="module")
def entries(recordings):
    return digits_entries(recordings)


def test_the_benchmark_is_whole_and_its_test_is_kept(entries):
    counts = Counter((one.modality, one.split) for one in entries)
    assert (counts[IMAGE, ""], counts[IMAGE, "test"]) == (9950, 50)
    assert (counts[EVENT, ""], counts[EVENT, "test"]) == (1000, 50)
    assert (counts[AUDIO, ""], counts[AUDIO, "test"]) == (1800, 200)
    assert {one.label for one in entries} == set(DIGITS)


def test_a_test_image_and_its_event_recording_are_the_same_digit(entries):
    label_of = {(one.id, one.modality): one.label for one in entries if one.split == "test"}
    pairs = [key for key in label_of if key[1] is EVENT]
    assert len(pairs) == 50
    assert all(label_of[name, IMAGE] == label_of[name, EVENT] for name, _ in pairs)


def test_takes_are_never_divided_and_pairs_stay_together(entries):
    drawn = draw_splits(entries, DataConfig().shares, seed=0)
    groups = {split: {one.group for one in drawn if one.split == split} for split in ("train", "validation", "test")}
    assert len(groups["train"] | groups["validation"] | groups["test"]) == sum(map(len, groups.values()))
    rows = [row for row in match(drawn, MatchConfig(most_rows=50), 0, lambda _: None) if row.split == "test"]
    assert all(row.items.get(IMAGE) == row.items.get(EVENT) for row in rows)
    assert len({row.items[AUDIO] for row in rows}) == 200


@pytest.mark.parametrize("modality", [IMAGE, EVENT, AUDIO])
def test_recordings_can_be_read(entries, modality):
    chosen = [one for one in entries if one.modality is modality]
    for one in (chosen[0], chosen[-1]):
        assert read_recording(modality, one.path) is not None


def test_without_the_recordings_the_error_says_where_they_are_looked_for(tmp_path, monkeypatch):
    monkeypatch.setenv("OMNIBIND_TEST_DATA", str(tmp_path))
    with pytest.raises(ConfigurationError, match="set OMNIBIND_TEST_DATA"):
        data_folder()
