"""Batches of pairs out of shards of embeddings, of which a process holds two windows at a time, and a shard.

What has one id in shards of one name is a match, as `cache-embeddings` writes it for several modalities of the same
recordings. Shape legend: B pairs of one process, W pairs of a window.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace

import pyarrow as pa
import torch
from accelerate.utils import gather_object
from pyarrow import compute
from torch import Tensor

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.modality import Modality
from training.processes import accelerator
from training.projection.pair_batches import FrozenBatch, PairBatch, check_space, pair_batch
from training.projection.pairs import pairs_of_shared_ids
from training.scale.embedding_shards import EmbeddingShards
from training.scale.epoch_plan import plan_epoch


class PairStream:
    """`PairBatches` of shards. A step's batch follows from seed and step alone: training goes on at any of them.

    Raises ConfigurationError when the shards hold no pairs, or are fewer than the processes.
    """

    def __init__(
        self,
        projected: tuple[Modality, EmbeddingShards],
        frozen: Mapping[Modality, EmbeddingShards],
        *,
        batch: int,
        epochs: int,
        window: int,
        seed: int,
    ) -> None:
        """batch: pairs of all processes together; window: pairs, see `plan_epoch`."""
        self.modality, self._projected = projected
        check_space(self.modality, {modality: shards.size for modality, shards in frozen.items()})
        self._frozen = frozen
        self.frozen_modalities = tuple(frozen)
        self.input_size = self._projected.size
        self.size = next(iter(frozen.values())).size
        processes, process = accelerator().num_processes, accelerator().process_index
        pairs = self._counted()
        self._plans = [
            plan_epoch(pairs, epoch, seed=seed, process=process, processes=processes, batch=batch, window=window)
            for epoch in range(epochs)
        ]
        # one process alone draws what training in memory draws
        self._order = torch.Generator().manual_seed(seed * processes + process)
        self._coming = deque(
            _Stretch(epoch, one.start, one.start + one.pairs, one.shards)
            for epoch, plan in enumerate(self._plans)
            for one in plan.windows
            if one.start < plan.steps * plan.share  # what is left of an epoch is not read
        )
        self._held: list[tuple[_Stretch, PairBatch]] = []
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="shards")
        self._ahead: tuple[_Stretch, Future[PairBatch]] | None = None

    def __len__(self) -> int:
        return sum(plan.steps for plan in self._plans)

    def own(self, step: int) -> PairBatch:
        """This process's share of a step's batch; what came before it is let go."""
        epoch, start = self._place(step)
        end = start + self._plans[epoch].share
        self._held = [(one, content) for one, content in self._held if (one.epoch, one.end) > (epoch, start)]
        while not self._held or (self._held[-1][0].epoch, self._held[-1][0].end) < (epoch, end):
            # of a window only what goes into this batch stays while the next one is read
            self._held = [_cut(one, content, start, end) for one, content in self._held]
            self._held.append(self._taken(epoch, start))
        return _joined([_cut(one, content, start, end)[1] for one, content in self._held])

    def _place(self, step: int) -> tuple[int, int]:
        """Epoch of a step, and how many pairs of that epoch come before it."""
        for epoch, plan in enumerate(self._plans):
            if step < plan.steps:
                return epoch, step * plan.share
            step -= plan.steps
        raise IndexError("there is no such step")

    def _taken(self, epoch: int, start: int) -> "tuple[_Stretch, PairBatch]":
        """The next window that reaches beyond a place of an epoch; the one after it is begun to be read."""
        one, reading = self._ahead or self._begun()
        while (one.epoch, one.end) <= (epoch, start):  # training goes on here from a checkpoint
            reading.cancel()
            one, reading = self._begun()
        content = reading.result()
        self._ahead = self._begun() if self._coming else None
        return one, content

    def _begun(self) -> "tuple[_Stretch, Future[PairBatch]]":
        one = self._coming.popleft()
        row_W = torch.randperm(one.end - one.start, generator=self._order)
        return one, self._reader.submit(self._load, one.shards, row_W)

    def _load(self, shards: Sequence[str], row_W: Tensor) -> PairBatch:
        """Pairs of shards in the order of `row_W`; each shard goes to its places, so that none is held twice."""
        place_W = torch.empty_like(row_W)
        place_W[row_W] = torch.arange(len(row_W))
        whole = self._empty(len(row_W))
        first = 0
        for name in shards:
            part = self._shard(name)
            own_B = place_W[first : first + len(part.target_B)]
            first += len(own_B)
            whole.projected_BI[own_B] = part.projected_BI
            whole.target_B[own_B] = part.target_B
            for modality, frozen in part.frozen.items():
                whole.frozen[modality].unit_BD[own_B] = frozen.unit_BD
                whole.frozen[modality].there_B[own_B] = frozen.there_B
        return whole

    def _empty(self, count: int) -> PairBatch:
        frozen = {
            modality: FrozenBatch(torch.zeros(count, self.size), torch.zeros(count, dtype=torch.bool))
            for modality in self._frozen
        }
        return PairBatch(torch.empty(count, self.input_size), frozen, torch.empty(count))

    def _shard(self, name: str) -> PairBatch:
        """All pairs of a shard, in the order of the projected modality's items."""
        own = self._projected.load(name)
        tables = {modality: shards.load(name) for modality, shards in self._frozen.items() if _has(shards, name)}
        pairs = pairs_of_shared_ids((self.modality, own.row_of), {one: table.row_of for one, table in tables.items()})
        unit = {modality: torch.from_numpy(table.unit()) for modality, table in tables.items()}
        return pair_batch(torch.from_numpy(own.vector_ND), unit, pairs, torch.arange(len(pairs)))

    def _counted(self) -> dict[str, int]:
        """Pairs of every shard; each process counts some, by the columns of ids."""
        names = sorted(self._projected.footers)
        mine = names[accelerator().process_index :: accelerator().num_processes]
        counted: dict[str, int] = dict(gather_object([(name, self._pairs_of(name)) for name in mine]))
        if not any(counted.values()):
            raise ConfigurationError(
                f"no id of the {self.modality} is in another modality's shard of the same name",
                remedy="make the embeddings of all modalities from the same shards of recordings",
                source=str(self._projected.folder),
            )
        return counted

    def _pairs_of(self, name: str) -> int:
        others = [shards.ids(name) for shards in self._frozen.values() if _has(shards, name)]
        if not others or not self._projected.footers[name].rows:
            return 0
        known = pa.chunked_array([chunk for ids in others for chunk in ids.chunks], pa.string())
        return int(compute.sum(compute.is_in(self._projected.ids(name), known)).as_py())


def _has(shards: EmbeddingShards, name: str) -> bool:
    return name in shards.footers and shards.footers[name].rows > 0


@dataclass(frozen=True)
class _Stretch:
    """Places `start` to `end` of an epoch, and the shards whose pairs lie there."""

    epoch: int
    start: int
    end: int
    shards: tuple[str, ...]


def _cut(one: _Stretch, content: PairBatch, start: int, end: int) -> tuple[_Stretch, PairBatch]:
    """A copy of what lies between two places of the epoch."""
    row_B = torch.arange(max(start, one.start), min(end, one.end)) - one.start
    frozen = {m: FrozenBatch(f.unit_BD[row_B], f.there_B[row_B]) for m, f in content.frozen.items()}
    cut = PairBatch(content.projected_BI[row_B], frozen, content.target_B[row_B])
    return replace(one, start=max(start, one.start), end=min(end, one.end)), cut


def _joined(parts: list[PairBatch]) -> PairBatch:
    frozen = {
        modality: FrozenBatch(
            torch.cat([part.frozen[modality].unit_BD for part in parts]),
            torch.cat([part.frozen[modality].there_B for part in parts]),
        )
        for modality in parts[0].frozen
    }
    projected_BI = torch.cat([part.projected_BI for part in parts])
    return PairBatch(projected_BI, frozen, torch.cat([part.target_B for part in parts]))
