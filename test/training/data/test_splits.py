from collections import Counter
from dataclasses import replace

import pytest

pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from omnibind_ros.modality import Modality
from training.data.entries import Entry
from training.data.leakage import LeakageError
from training.data.splits import SPLITS, draw_splits, kept_for_testing

SHARES = {"fusion": 0.2, "validation": 0.1, "test": 0.2}


def entry(number, *, modality=Modality.IMAGE, label="mug", group="", split=""):
    return Entry(f"{modality} {number}", modality, "", label, group=group or f"{modality} {number}", split=split)


def frames(groups=20, each=5, **told):
    return [
        entry(f"{group} {frame}", group=f"thing {group}", **told) for group in range(groups) for frame in range(each)
    ]


def test_whole_groups_are_drawn_in_the_stated_shares_for_each_label():
    entries = [*frames(), *(entry(f"s{n}", label="spoon") for n in range(10))]
    drawn = draw_splits(entries, SHARES, seed=0)
    split_of = {}
    for one in drawn:
        assert split_of.setdefault(one.group, one.split) == one.split
    things = Counter(split for group, split in split_of.items() if group.startswith("thing"))
    assert things == {"train": 10, "fusion": 4, "validation": 2, "test": 4}
    assert Counter(one.split for one in drawn if one.label == "spoon") == {
        "train": 5,
        "fusion": 2,
        "validation": 1,
        "test": 2,
    }


def test_the_same_seed_draws_the_same_whatever_the_order():
    entries = frames()
    first = {one.id: one.split for one in draw_splits(entries, SHARES, seed=3)}
    assert first == {one.id: one.split for one in draw_splits(entries[::-1], SHARES, seed=3)}
    assert first != {one.id: one.split for one in draw_splits(entries, SHARES, seed=4)}


def test_splits_that_are_given_are_kept_and_what_is_missing_comes_out_of_training():
    entries = [*frames(split="train"), *(entry(f"t{n}", split="test") for n in range(3))]
    drawn = draw_splits(entries, SHARES, seed=0)
    assert [one.split for one in drawn if one.id.startswith("image t")] == ["test"] * 3
    counts = Counter({one.group: one.split for one in drawn}.values())
    assert (counts["fusion"], counts["validation"], counts["test"]) == (4, 2, 3)


def test_one_modality_may_be_split_already_and_another_not():
    texts = [entry(split, modality=Modality.TEXT, split=split) for split in SPLITS]
    drawn = draw_splits([*texts, *frames()], SHARES, seed=0)
    assert {one.split for one in drawn if one.modality is Modality.IMAGE} == set(SPLITS)


def test_a_thing_seen_by_two_sensors_is_drawn_once():
    entries = [
        entry(n, modality=modality, group=f"thing {n}")
        for n in range(10)
        for modality in (Modality.IMAGE, Modality.TOUCH)
    ]
    split_of = {}
    for one in draw_splits(entries, SHARES, seed=1):
        assert split_of.setdefault(one.group, one.split) == one.split


def test_a_group_with_two_splits_is_an_error():
    with pytest.raises(LeakageError, match="`mug 1` is in `train`"):
        draw_splits([entry(1, group="mug 1", split="train"), entry(2, group="mug 1", split="test")], SHARES, seed=0)


def test_a_label_of_one_thing_is_trained():
    assert [one.split for seed in range(8) for one in draw_splits([entry(1)], SHARES, seed)] == ["train"] * 8


def test_labels_that_are_not_to_be_trained_are_kept_for_testing():
    given = [entry(1), entry(2, split="train"), entry(3, split="test"), replace(entry(4), label="seen")]
    kept = kept_for_testing(given, [given[0].label])
    assert [(one.id, one.split) for one in kept] == [("image 1", "test"), ("image 3", "test"), ("image 4", "")]
