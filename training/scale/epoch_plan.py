"""Who reads which shards when: an epoch's plan is made of the shards' sizes alone, so that any step can be found.

Each epoch the shards are shuffled and dealt to the processes, the next to whom has the fewest pairs. A process reads
its shards a window at a time and shuffles the pairs of a window; windows follow each other without a gap.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from omnibind_ros.errors import ConfigurationError


@dataclass(frozen=True)
class Window:
    """Shards that are in memory together, by name. start: pairs of the epoch before it; pairs: in it."""

    shards: tuple[str, ...]
    start: int
    pairs: int


@dataclass(frozen=True)
class EpochPlan:
    """One process's part of an epoch. share: its pairs of a batch; steps: as many as every process has whole shares."""

    windows: tuple[Window, ...]
    share: int
    steps: int


def plan_epoch(
    pairs: Mapping[str, int], epoch: int, *, seed: int, process: int, processes: int, batch: int, window: int
) -> EpochPlan:
    """One process's plan; pairs: by shard, the same in every process, as is everything else but `process`.

    batch: pairs of all processes together. window: pairs held at most, unless a single shard has more.
    Raises ConfigurationError when there are fewer shards than processes.
    """
    names = sorted(name for name, count in pairs.items() if count)
    if len(names) < processes:
        raise ConfigurationError(
            f"{len(names)} shards for {processes} processes", remedy="make smaller shards, or start fewer processes"
        )
    shuffled = [names[number] for number in np.random.default_rng((seed, epoch)).permutation(len(names))]
    dealt: list[list[str]] = [[] for _ in range(processes)]
    held = [0] * processes
    for name in shuffled:
        poorest = held.index(min(held))
        dealt[poorest].append(name)
        held[poorest] += pairs[name]
    share = min(max(1, batch // processes), *held)
    return EpochPlan(_windows(dealt[process], pairs, window), share, min(held) // share)


def _windows(names: list[str], pairs: Mapping[str, int], most: int) -> tuple[Window, ...]:
    groups: list[list[str]] = []
    size = 0
    for name in names:
        if not groups or size + pairs[name] > most:
            groups.append([])
            size = 0
        groups[-1].append(name)
        size += pairs[name]
    windows, start = [], 0
    for group in groups:
        total = sum(pairs[name] for name in group)
        # in a window the order is that of the pairs' shuffling: with one window it is that of a table in memory
        windows.append(Window(tuple(sorted(group)), start, total))
        start += total
    return tuple(windows)
