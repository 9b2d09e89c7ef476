import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from omnibind_ros.modality import Modality
from training.config import MatchConfig
from training.data.entries import Entry
from training.data.match import load_rows, match, save_rows

IMAGE, TOUCH, AUDIO, TEXT = Modality.IMAGE, Modality.TOUCH, Modality.AUDIO, Modality.TEXT


def several(modality, count, label="mug", split="train", caption=""):
    return [
        Entry(f"{modality} {label} {split} {n}", modality, "x", label, caption=caption, split=split, group=str(n))
        for n in range(count)
    ]


def never(_):
    raise AssertionError("only matching by description needs the meaning of captions")


def matched(entries, seed=0, **config):
    return match(entries, MatchConfig(**config), seed, never)


def test_every_recording_is_in_a_row_and_the_scarce_ones_are_shared_out_evenly():
    rows = matched([*several(IMAGE, 12), *several(TOUCH, 3)])
    assert len(rows) == 12
    assert len({row.items[IMAGE] for row in rows}) == 12
    touches = [row.items[TOUCH] for row in rows]
    assert {touches.count(item) for item in touches} == {4}


def test_rows_never_mix_labels_or_splits():
    entries = [
        one
        for label in ("mug", "spoon")
        for split in ("train", "test")
        for m in (IMAGE, TOUCH)
        for one in several(m, 3, label, split)
    ]
    for row in matched(entries):
        assert all(row.label in item and row.split in item for item in row.items.values())


def test_what_was_recorded_together_stays_together():
    together = [Entry(f"take {n}", m, "x", "mug", split="train") for n in range(4) for m in (IMAGE, TOUCH)]
    rows = matched([*together, *several(AUDIO, 9)])
    assert len(rows) == 9
    assert all(row.items[IMAGE] == row.items[TOUCH] for row in rows)


def test_uses_and_rows_have_limits():
    rows = matched([*several(IMAGE, 12), *several(TOUCH, 3)], most_uses=2)
    assert sum(TOUCH in row.items for row in rows) == 6
    assert len(matched([*several(IMAGE, 12), *several(TOUCH, 3)], most_rows=5)) == 5


def test_the_same_seed_matches_the_same_whatever_the_order():
    entries = [*several(IMAGE, 6), *several(TOUCH, 6)]
    assert matched(entries, seed=1) == matched(entries[::-1], seed=1)
    assert matched(entries, seed=1) != matched(entries, seed=2)


def test_by_description_partners_are_those_of_which_alike_things_are_said():
    colours = {"red": [1.0, 0.0], "blue": [0.0, 1.0]}
    entries = [
        Entry(f"{modality} {colour} {n}", modality, "x", "mug", caption=f"a {colour} mug", split="train")
        for modality in (IMAGE, TOUCH)
        for colour in colours
        for n in range(3)
    ]

    def meanings(sentences):
        return np.array([colours[sentence.split()[1]] for sentence in sentences], np.float32)

    rows = match(entries, MatchConfig(by="description"), 0, meanings)
    assert all(("red" in row.items[IMAGE]) == ("red" in row.items[TOUCH]) for row in rows)
    lonely = match(entries[:6] + entries[9:], MatchConfig(by="description"), 0, meanings)
    assert all(TOUCH not in row.items for row in lonely if "red" in row.items[IMAGE])


def test_sentences_are_those_of_the_recordings_then_phrases_and_a_text_is_the_hint():
    text = Entry("t", TEXT, "", "mug", caption="for my tea", split="train")
    (row,) = matched([*several(IMAGE, 1, caption="a red mug"), text], captions=4)
    assert row.captions[0] == "a red mug"
    assert len(set(row.captions)) == 4
    assert row.hint == "for my tea"
    (plain,) = matched(several(IMAGE, 1))
    assert "mug" in plain.hint


def test_rows_come_back_from_parquet(tmp_path):
    rows = matched([*several(IMAGE, 3), *several(TOUCH, 1)], most_uses=1)
    save_rows(rows, tmp_path / "match.parquet")
    assert load_rows(tmp_path / "match.parquet") == rows
