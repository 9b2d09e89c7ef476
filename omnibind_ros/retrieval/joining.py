"""A recognition leaves on several topics; what belongs together is found by its stamp."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from omnibind_ros.inference.embedding import Embedding
from omnibind_ros.recognition.recogniser import Hypothesis
from omnibind_ros.retrieval.sighting import Sighting, modalities_of, short

# Topics overtake each other by a moment or two, no more.
_MOST_MOMENTS = 16


@dataclass(slots=True)
class _Moment:
    fused: Embedding | None = None
    best: Hypothesis | None = None
    members: tuple[Embedding, ...] | None = None


class Joiner:
    """Puts sightings together; what stays incomplete is forgotten after a few others."""

    def __init__(self) -> None:
        self._moments: OrderedDict[int, _Moment] = OrderedDict()

    def fused(self, embedding: Embedding) -> Sighting | None:
        """Take the fused embedding of a moment; returns the sighting if it is now complete."""
        self._moment(embedding.stamp_ns).fused = embedding
        return self._complete(embedding.stamp_ns)

    def named(self, best: Hypothesis, stamp_ns: int) -> Sighting | None:
        """Take what it was recognised as."""
        self._moment(stamp_ns).best = best
        return self._complete(stamp_ns)

    def made_of(self, members: Sequence[Embedding], stamp_ns: int) -> Sighting | None:
        """Take the embeddings that were fused."""
        self._moment(stamp_ns).members = tuple(members)
        return self._complete(stamp_ns)

    def _moment(self, stamp_ns: int) -> _Moment:
        moment = self._moments.setdefault(stamp_ns, _Moment())
        while len(self._moments) > _MOST_MOMENTS:
            self._moments.popitem(last=False)
        return moment

    def _complete(self, stamp_ns: int) -> Sighting | None:
        moment = self._moments[stamp_ns]
        if moment.fused is None or moment.best is None or moment.members is None:
            return None
        del self._moments[stamp_ns]
        return Sighting(
            moment.fused.vector,
            moment.fused.space,
            stamp_ns,
            short(moment.fused.frame_id),
            short(moment.best.label),
            moment.best.score,
            modalities_of(moment.members),
        )
