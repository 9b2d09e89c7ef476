"""Whether recorded embeddings are those of the recorded frames: the frames are encoded again."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from omnibind_ros.inference.bundle import Bundle
from omnibind_ros.inference.embedding import Embedding
from omnibind_ros.inference.encoder import Encoder
from omnibind_ros.messages.header import stamp_ns_of
from omnibind_ros.modality import Modality
from omnibind_ros.pipeline.encoders import MakeBackend
from omnibind_ros.pipeline.reader import Reader
from omnibind_ros.pipeline.source_settings import MESSAGE_TYPES, SourceSettings
from omnibind_ros.replay.bag import Recorded, Topic

# What follows from one stamped message alone. The others depend on what came before: windows, ranges, references.
STATELESS = frozenset({Modality.IMAGE, Modality.POINT})
# Of one element of a unit vector: a GPU with half precision and a processor differ by less.
TOLERANCE = 1e-3


@dataclass(slots=True)
class Reencoded:
    """Of one source: its embeddings that were fused, those of them whose frame is in the bag, and those found again."""

    fused: int = 0
    in_bag: int = 0
    same: int = 0
    largest_difference: float = 0.0


@dataclass(slots=True, eq=False)
class _Source:
    settings: SourceSettings
    reader: Reader
    fused: dict[int, Embedding] = field(default_factory=dict)
    # By stamp: how far the nearest of the frames with that stamp is.
    apart: dict[int, float] = field(default_factory=dict)


class Reencoding:
    """Is told first what was fused, then hears the frames. Sources have the full names of their topics."""

    def __init__(self, bundle: Bundle, sources: Iterable[SourceSettings], make_backend: MakeBackend) -> None:
        self._bundle = bundle
        self._make_backend = make_backend
        self._encoders: dict[Modality, Encoder] = {}
        self._sources = {
            one.name: _Source(one, Reader(one, bundle))
            for one in sources
            if one.modality in STATELESS and one.modality in bundle.modalities
        }

    def fused(self, embedding: Embedding) -> None:
        """An embedding was fused; any number of times."""
        source = self._sources.get(embedding.source)
        if source is not None and source.settings.modality is embedding.modality:
            source.fused[embedding.stamp_ns] = embedding

    def takes(self, topic: Topic) -> bool:
        """Whether embeddings were fused that may be of this topic's frames."""
        return any(_sends(topic, one) and one.fused for one in self._sources.values())

    def hear(self, recorded: Recorded) -> None:
        """Encode a frame, if it is one that was fused. One that cannot be used was not. Raises BackendError."""
        stamp_ns = stamp_ns_of(recorded.message)
        for source in self._sources.values():
            if stamp_ns in source.fused and _sends(recorded.topic, source):
                self._compare(source, source.fused[stamp_ns], recorded)

    def found(self) -> dict[str, Reencoded]:
        """By source, of those that can be checked."""
        return {
            name: Reencoded(
                fused=len(source.fused),
                in_bag=len(source.apart),
                same=sum(apart <= TOLERANCE for apart in source.apart.values()),
                largest_difference=max(source.apart.values(), default=0.0),
            )
            for name, source in self._sources.items()
            if source.fused
        }

    def close(self) -> None:
        """Release the encoders."""
        for encoder in self._encoders.values():
            encoder.close()
        self._encoders = {}

    def _compare(self, source: _Source, embedding: Embedding, recorded: Recorded) -> None:
        encoder = self._encoder(source.settings.modality)
        try:
            source.reader.read(recorded.message, embedding.stamp_ns)
            model_input = source.reader.take()
            if model_input is None:
                return
            vector_D = encoder.encode([model_input])[0]
        except Exception:  # whatever the message holds, as on the robot
            return
        apart = float(np.abs(vector_D - embedding.vector).max())
        apart = max(apart, abs(model_input.quality - embedding.quality))
        # Of frames with one stamp only one was used.
        source.apart[embedding.stamp_ns] = min(apart, source.apart.get(embedding.stamp_ns, apart))

    def _encoder(self, modality: Modality) -> Encoder:
        if modality not in self._encoders:
            description = self._bundle.description.encoders[modality]
            backend = self._make_backend(self._bundle.content(description), description.file)
            self._encoders[modality] = Encoder(self._bundle, modality, backend)
        return self._encoders[modality]


def _sends(topic: Topic, source: _Source) -> bool:
    settings = source.settings
    return topic.name == settings.topic and topic.message_type in MESSAGE_TYPES[settings.modality]
