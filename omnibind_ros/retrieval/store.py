"""A bounded store of what was seen, in which standing still is one entry.

Shapes: D dimensions, R entries that were touched last.
"""

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from omnibind_ros.errors import StoreError
from omnibind_ros.modality import Modality
from omnibind_ros.recognition.recogniser import UNKNOWN
from omnibind_ros.retrieval.sighting import Sighting

# A sighting is compared with so many entries, whatever the size of the store: work is bounded, and a robot that looks
# to and fro between some dozens of things still has one entry for each.
COMPARED = 64
NANOSECONDS = 1_000_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """Something that was seen from `first_ns` to `last_ns`, in `count` sightings.

    vector: the mean direction (D,) of its sightings. label, score: of the surest sighting. frame_id: of the last one.
    modalities: of all of them. number: never given twice by one store.
    """

    number: int
    vector: NDArray[np.float32]
    first_ns: int
    last_ns: int
    count: int
    frame_id: str
    label: str
    score: float
    modalities: frozenset[Modality]


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """How much is kept, and what is the same thing again.

    most: entries; the one not seen for longest makes room. merge_within_s, merge_similarity: a sighting belongs to an
    entry that was seen at most so long ago, and whose vector has at least this cosine to it; above 1, none does.
    """

    most: int = 10_000
    merge_within_s: float = 60.0
    merge_similarity: float = 0.85


class Store:
    """The entries of one embedding space, those touched last at the end."""

    def __init__(self, space: int, dimension: int, settings: StoreSettings, entries: Iterable[Entry] = ()) -> None:
        """entries: what was kept; only the last ones when there are more than fit."""
        self.space = space
        self.dimension = dimension
        self._settings = settings
        self._entries: OrderedDict[int, Entry] = OrderedDict((entry.number, entry) for entry in entries)
        self._next = max(self._entries, default=0) + 1
        self._make_room()
        # Changes with every change, for those who keep something that follows from the entries.
        self.version = 0

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All of them."""
        return tuple(self._entries.values())

    def newest_first(self) -> Iterator[Entry]:
        """All of them, those that were touched last first."""
        return reversed(self._entries.values())

    def holds(self, entry: Entry) -> bool:
        """Whether an entry is still there, just as it is."""
        return self._entries.get(entry.number) is entry

    def add(self, sighting: Sighting) -> Entry:
        """Take a sighting in; returns the entry that has it now.

        Raises StoreError for a sighting of another embedding space.
        """
        if sighting.space != self.space or sighting.vector.shape != (self.dimension,):
            raise StoreError(
                f"what is seen is of the embedding space {sighting.space:08x}, the memory's is {self.space:08x}",
                remedy="run `memory` with the bundle of the node that recognises",
            )
        known = self._known(sighting)
        entry = _first(sighting, self._next) if known is None else _again(known, sighting)
        self._next = max(self._next, entry.number + 1)
        self._entries[entry.number] = entry
        self._entries.move_to_end(entry.number)
        self._make_room()
        self.version += 1
        return entry

    def clear(self) -> None:
        """Forget everything."""
        self._entries.clear()
        self.version += 1

    def _make_room(self) -> None:
        while len(self._entries) > self._settings.most:
            self._entries.popitem(last=False)

    def _known(self, sighting: Sighting) -> Entry | None:
        """The entry that a sighting belongs to."""
        within_ns = round(self._settings.merge_within_s * NANOSECONDS)
        recent = [
            entry
            for entry in islice(self.newest_first(), COMPARED)
            if entry.first_ns - within_ns <= sighting.stamp_ns <= entry.last_ns + within_ns
        ]
        if not recent:
            return None
        cosine_R = np.stack([entry.vector for entry in recent]) @ sighting.vector
        best = int(cosine_R.argmax())
        return recent[best] if cosine_R[best] >= self._settings.merge_similarity else None


def _first(sighting: Sighting, number: int) -> Entry:
    return Entry(
        number,
        sighting.vector,
        sighting.stamp_ns,
        sighting.stamp_ns,
        1,
        sighting.frame_id,
        sighting.label,
        sighting.score,
        sighting.modalities,
    )


def _again(entry: Entry, sighting: Sighting) -> Entry:
    """The entry with one more sighting. Its vector moves ever less: a chain of small steps does not carry it away."""
    total_D = entry.vector * np.float32(entry.count) + sighting.vector
    known, seen = ((one.label != UNKNOWN, one.score) for one in (entry, sighting))
    surest = sighting if seen > known else entry
    return Entry(
        entry.number,
        total_D / np.linalg.norm(total_D),
        min(entry.first_ns, sighting.stamp_ns),
        max(entry.last_ns, sighting.stamp_ns),
        entry.count + 1,
        sighting.frame_id if sighting.stamp_ns >= entry.last_ns else entry.frame_id,
        surest.label,
        surest.score,
        entry.modalities | sighting.modalities,
    )
