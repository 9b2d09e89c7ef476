"""Which groups belong to which split: by group, never by frame.

A group is a physical thing, a recording or a speaker's take: whatever would be recognised again.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from omnibind_ros.modality import Modality
from training.config import HeldOut
from training.data.entries import Entry
from training.data.leakage import check_groups

SPLITS = ("train", "fusion", "validation", "test")
TRAIN, TEST = SPLITS[0], SPLITS[-1]


def draw_splits(entries: Sequence[Entry], shares: Mapping[HeldOut, float], seed: int) -> list[Entry]:
    """The entries, each with a split; the same for the same seed, whatever their order.

    Groups without a split are drawn for training and for those splits that their modality's entries do not name. Where
    all entries of a modality have one, the splits that are missing are drawn from its training groups. Groups are drawn
    within those of the same labels and modalities, so that each split gets its share of each. Raises LeakageError when
    a group is in two splits.
    """
    check_groups((entry.split, entry.modality, entry.group) for entry in entries if entry.split)
    split_of = {entry.group: entry.split for entry in entries if entry.split}
    missing: dict[Modality, set[str]] = {}
    for modality in {entry.modality for entry in entries}:
        own = [entry for entry in entries if entry.modality is modality]
        missing[modality] = {split for split in shares if all(entry.split != split for entry in own)}
        if missing[modality] and all(entry.split for entry in own):
            for group in {entry.group for entry in own if entry.split == TRAIN}:
                split_of.pop(group, None)
    generator = np.random.default_rng(seed)
    for kind, groups in _alike(entries, split_of):
        lacking = set.intersection(*(missing[modality] for _, modality in kind))
        drawn_shares: dict[str, float] = {split: shares[split] for split in sorted(shares) if split in lacking}
        split_of |= _drawn(groups, drawn_shares, generator)
    return [replace(entry, split=split_of[entry.group]) for entry in entries]


_Kind = tuple[tuple[str, Modality], ...]


def kept_for_testing(entries: Sequence[Entry], unseen: Sequence[str]) -> list[Entry]:
    """The entries, those of unseen labels in the test split; the ones of these that say another split are left out."""
    return [
        replace(entry, split=TEST) if entry.label in unseen else entry
        for entry in entries
        if entry.label not in unseen or entry.split in {"", TEST}
    ]


def _alike(entries: Sequence[Entry], split_of: Mapping[str, str]) -> list[tuple[_Kind, list[str]]]:
    """The groups without a split, those with the same labels and modalities together."""
    kinds: dict[str, set[tuple[str, Modality]]] = defaultdict(set)
    for entry in entries:
        if entry.group not in split_of:
            kinds[entry.group].add((entry.label, entry.modality))
    strata: dict[_Kind, list[str]] = defaultdict(list)
    for group in sorted(kinds):
        strata[tuple(sorted(kinds[group], key=lambda one: (one[0], one[1].code)))].append(group)
    return [(kind, strata[kind]) for kind in sorted(strata, key=repr)]


def _drawn(groups: Sequence[str], shares: Mapping[str, float], generator: np.random.Generator) -> dict[str, str]:
    names = [*shares, TRAIN]
    ends = np.cumsum(list(shares.values()))
    # evenly spaced with a random start: every split gets its share to within one group
    places = (np.arange(len(groups)) + generator.random()) / len(groups)
    order = generator.permutation(len(groups))
    drawn = [names[int(place)] for place in np.searchsorted(ends, places, side="right")]
    if TRAIN not in drawn:
        drawn[-1] = TRAIN
    return {groups[number]: split for number, split in zip(order, drawn, strict=True)}
