"""The live set: the embeddings that count at this moment."""

from dataclasses import dataclass

from omnibind_ros.errors import FusionError
from omnibind_ros.fusion.source_state import NANOSECONDS
from omnibind_ros.inference.embedding import Embedding

# Below this quality the signal itself says that it carries nothing: a dark image, silence, no contact.
SMALLEST_QUALITY = 0.05


@dataclass(slots=True)
class _Entry:
    embedding: Embedding
    arrived_ns: int
    ttl_ns: int


class LiveSet:
    """The newest embedding of each source, for as long as it counts. Times are ROS time in nanoseconds."""

    def __init__(self, space: int) -> None:
        self._space = space
        self._entries: dict[str, _Entry] = {}

    def add(self, embedding: Embedding, *, ttl_s: float, now_ns: int) -> None:
        """Take a source's newest embedding; it counts for `ttl_s` from now.

        Age is counted from the arrival: a stamp that is far from the clock is the source monitor's business. Raises
        FusionError for an embedding of another space.
        """
        if embedding.space != self._space:
            raise FusionError(
                f"the embedding comes from space {embedding.space:08x}, this bundle's is {self._space:08x}",
                remedy="run every encoder and the fusion with the same bundle",
                source=embedding.source,
            )
        self._entries[embedding.source] = _Entry(embedding, now_ns, round(ttl_s * NANOSECONDS))

    def remove(self, source: str) -> None:
        """Forget a source at once: unplugged, frozen, faulty or disabled."""
        self._entries.pop(source, None)

    def clear(self) -> None:
        """Forget all of them."""
        self._entries.clear()

    def members(self, now_ns: int) -> tuple[Embedding, ...]:
        """What counts now, in the order of the sources' names; what is too old is forgotten.

        An entry from the future means the clock jumped back; it is forgotten too.
        """
        self._entries = {
            source: entry for source, entry in self._entries.items() if 0 <= now_ns - entry.arrived_ns <= entry.ttl_ns
        }
        return tuple(
            self._entries[source].embedding
            for source in sorted(self._entries)
            if self._entries[source].embedding.quality >= SMALLEST_QUALITY
        )
