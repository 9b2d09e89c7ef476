"""From embeddings to a recognition: the live set, its fusion, and the answer."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from omnibind_ros.errors import OmnibindError
from omnibind_ros.fusion.fusion_head import FusionHead
from omnibind_ros.fusion.live_set import LiveSet
from omnibind_ros.inference.backend import Backend
from omnibind_ros.inference.bundle import Bundle
from omnibind_ros.inference.embedding import Embedding
from omnibind_ros.pipeline.background import discard
from omnibind_ros.pipeline.encoders import MakeBackend, Upgrade
from omnibind_ros.recognition.label_bank import LabelBank
from omnibind_ros.recognition.recogniser import Answer, Hypothesis, Recogniser


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one source brought: its weight in the fusion, and what was fused of it.

    alone: tells what it would have said alone. It is worked out when asked for, which is less often than results come.
    """

    weight: float
    embedding: Embedding
    alone: Callable[[], Hypothesis]


@dataclass(frozen=True, slots=True, eq=False)
class Recognition:
    """A result. stamp_ns and frame_id are those of the newest embedding in it; vector: the fused embedding (D,).

    contributions: of each source, in the order in which they were fused.
    """

    stamp_ns: int
    frame_id: str
    answer: Answer
    vector: NDArray[np.float32]
    contributions: dict[str, Contribution]


class RecognitionPipeline:
    """Keeps the live set and answers from it. Times are ROS time in nanoseconds; one worker calls it."""

    def __init__(
        self,
        bundle: Bundle,
        make_backend: MakeBackend,
        *,
        most_labels: int,
        labels: LabelBank | None = None,
        upgrade: Upgrade | None = None,
    ) -> None:
        """labels: instead of the bundle's own. make_backend, upgrade: as `Encoders` takes them, for the fusion head."""
        self.space = bundle.space
        self._live = LiveSet(bundle.space)
        self._recogniser = Recogniser.from_bundle(bundle, most=most_labels, labels=labels)
        fusion = bundle.description.fusion
        model = bundle.content(fusion)

        def head(backend: Backend) -> FusionHead:
            return FusionHead(backend, dimension=bundle.dimension, file=fusion.file)

        def better(make: Callable[[bytes, str], Backend | None]) -> FusionHead | None:
            backend = make(model, fusion.file)
            return None if backend is None else head(backend)

        self._head = head(make_backend(model, fusion.file))
        self._upgrading: Future[FusionHead | None] | None = None
        if upgrade is not None and upgrade.improves(self._head.backend):
            self._upgrading = upgrade.executor.submit(better, upgrade.make)

    @property
    def labels(self) -> tuple[str, ...]:
        """What can be recognised."""
        return self._recogniser.labels.names

    @property
    def backend(self) -> Backend:
        """What runs the fusion head now."""
        return self._head.backend

    def collect(self) -> list[OmnibindError]:
        """Exchange the fusion head for a better one that was made meanwhile; the error, if it could not be made."""
        if self._upgrading is None or not self._upgrading.done():
            return []
        upgrading, self._upgrading = self._upgrading, None
        try:
            better = upgrading.result()
        except OmnibindError as error:
            return [error]
        if better is not None:
            self._head.close()
            self._head = better
        return []

    def take_over(self, other: "RecognitionPipeline") -> None:
        """Go on with the live set of another pipeline, if it is of the same space."""
        if other.space == self.space:
            self._live = other._live

    def accept(self, embedding: Embedding, *, ttl_s: float, now_ns: int) -> None:
        """Take an embedding into the live set. Raises FusionError when it is of another space."""
        self._live.add(embedding, ttl_s=ttl_s, now_ns=now_ns)

    def exclude(self, source: str) -> None:
        """Take a source out of the live set at once."""
        self._live.remove(source)

    def recognise(self, now_ns: int) -> Recognition | None:
        """The answer for what is live now; None when nothing is. Raises BackendError."""
        members = self._live.members(now_ns)
        return self.answer(members) if members else None

    def answer(self, members: Sequence[Embedding]) -> Recognition:
        """The answer for these embeddings, whatever is live; the same ones in the same order give the same again.

        Raises BackendError, and FusionError when there is none.
        """
        fusion = self._head.fuse(members)
        newest = max(members, key=lambda member: member.stamp_ns)
        contributions = {
            member.source: Contribution(weight, member, partial(self._recogniser.best_alone, member.vector))
            for member, weight in zip(members, fusion.weights, strict=True)
        }
        return Recognition(
            stamp_ns=newest.stamp_ns,
            frame_id=newest.frame_id,
            answer=self._recogniser.recognise(fusion.vector, len(members)),
            vector=fusion.vector,
            contributions=contributions,
        )

    def close(self) -> None:
        """Release the fusion head; one that is being made is released when it is done."""
        self._head.close()
        if self._upgrading is not None:
            discard(self._upgrading)
