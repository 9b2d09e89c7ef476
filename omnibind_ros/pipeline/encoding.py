"""From messages to embeddings, for all sources: newest first, one batch a modality, nothing queued."""

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from dataclasses import dataclass

from omnibind_ros.errors import BackendError, ConfigurationError, OmnibindError
from omnibind_ros.fusion.source_state import SourceState, Transition
from omnibind_ros.inference.bundle import Bundle
from omnibind_ros.inference.embedding import Embedding
from omnibind_ros.inference.encoder import Encoder
from omnibind_ros.modality import Modality
from omnibind_ros.pipeline.encoders import Encoders, MakeBackend, Upgrade
from omnibind_ros.pipeline.reader import Reader, same_reading
from omnibind_ros.pipeline.source import PreparedInput, Source, SourceReport
from omnibind_ros.pipeline.source_settings import SourceSettings


@dataclass(frozen=True, slots=True)
class EncodingStep:
    """What one step brought.

    embeddings: of live sources. transitions: changes of state. errors: of what could not be used. gone: names of
    sources that were removed or replaced since the last step. waits: whether there is something to encode as soon as a
    result is due.
    """

    embeddings: tuple[Embedding, ...]
    transitions: tuple[Transition, ...]
    errors: tuple[OmnibindError, ...]
    gone: tuple[str, ...] = ()
    waits: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Succession:
    """What is ready to take over from the encoders in use: those of another bundle, and readers for the sources."""

    encoders: Encoders
    readers: dict[Source, Reader]


class EncodingPipeline:
    """All sources and the encoders they share.

    One worker calls `step`, `reports` and `succeed`; sources come and go, and receive, from another thread.
    """

    def __init__(
        self,
        bundle: Bundle,
        make_backend: MakeBackend,
        steady_clock: Callable[[], float],
        *,
        loads: Executor | None = None,
        upgrade: Upgrade | None = None,
    ) -> None:
        """make_backend(onnx_bytes, name), loads, upgrade: as `Encoders` takes them.

        With `loads` a step never waits for an encoder: until it is loaded, its sources are `building`.
        """
        self._steady_clock = steady_clock
        self._loads = loads
        self._encoders = Encoders(bundle, make_backend, loads=loads, upgrade=upgrade)
        # Replaced as a whole with every change: the worker may be going through it.
        self._sources: dict[str, Source] = {}
        self._changing = threading.Lock()
        self._seen: frozenset[Source] = frozenset()

    @property
    def bundle(self) -> Bundle:
        """The bundle in use."""
        return self._encoders.bundle

    @property
    def sources(self) -> tuple[Source, ...]:
        """All sources, in the order they were added."""
        return tuple(self._sources.values())

    def make_source(self, settings: SourceSettings) -> Source:
        """A source that is not yet one of these. Raises ConfigurationError when the bundle has no such encoder."""
        if settings.modality not in self.bundle.modalities:
            raise ConfigurationError(
                f"the bundle {self.bundle.name} has no encoder for {settings.modality}",
                remedy=f"use one of {', '.join(map(str, self.bundle.modalities))}, or a bundle with that encoder",
                source=settings.name,
            )
        return Source(settings, self.bundle)

    def add_source(self, settings: SourceSettings) -> Source:
        """Add a source. Raises ConfigurationError when its name is taken or the bundle has no such encoder."""
        if settings.name in self._sources:
            raise ConfigurationError("the name is taken", remedy="give every source its own name", source=settings.name)
        source = self.make_source(settings)
        with self._changing:
            self._sources = {**self._sources, settings.name: source}
        return source

    def remove_source(self, name: str) -> None:
        """Remove a source."""
        with self._changing:
            self._sources = {key: source for key, source in self._sources.items() if key != name}

    def ttl_s(self, source: str) -> float:
        """How long an embedding of a source counts; not at all when the source has just been removed."""
        found = self._sources.get(source)
        return found.settings.liveness.ttl_s if found else 0.0

    def step(self, now_ns: int, *, wanted: bool, due: bool = True) -> EncodingStep:
        """Settle every source's state and turn what waits at the live ones into embeddings.

        wanted: whether anybody wants embeddings now; if not, messages only keep the states up to date. due: whether a
        result is made of them now; if not, frames wait, so that only the newest is decoded and encoded when one is.
        """
        steady_s = self._steady_clock()
        errors = self._encoders.collect(steady_s)
        prepared: list[PreparedInput] = []
        waits = False
        sources = self.sources
        gone = tuple(source.name for source in self._seen.difference(sources))
        self._seen = frozenset(sources)
        for source in sources:
            if not wanted or source.state is SourceState.DISABLED:
                source.discard()
            elif not due or self._encoders.must_wait(source.settings.modality, steady_s):
                errors += source.hold()
                waits = waits or (not due and source.waits)
            else:
                model_input, problems = source.prepare()
                errors += problems
                if model_input is not None:
                    prepared.append(model_input)
        # A frame that turns out to be frozen is not encoded, nor is an encoder loaded for it.
        batches = _by_modality(one for one in prepared if one.source.may_encode(now_ns))
        encoders = {modality: self._encoders.request(modality, steady_s) for modality in batches}
        errors += self._encoders.collect(steady_s)
        for source in sources:
            modality = source.settings.modality
            source.encoder_is(building=self._encoders.is_building(modality), problem=self._encoders.problem(modality))
        transitions = [transition for source in sources if (transition := source.update(now_ns))]
        embeddings: list[Embedding] = []
        for modality, batch in batches.items():
            encoder = encoders[modality]
            if encoder is None:
                for one in batch:
                    one.source.keep(one)
            else:
                made, failed = self._encode(encoder, batch, now_ns)
                embeddings += made
                errors += failed
        return EncodingStep(tuple(embeddings), tuple(transitions), tuple(errors), gone, waits)

    def reports(self, now_ns: int) -> list[SourceReport]:
        """What to tell about every source."""
        steady_s = self._steady_clock()
        return [source.report(now_ns, steady_s) for source in self.sources]

    def load(self, modalities: Iterable[Modality]) -> None:
        """Load encoders before they are needed, in this thread. Raises BackendError."""
        self._encoders.load(modalities)

    @property
    def loaded(self) -> dict[Modality, Encoder]:
        """The encoders that are loaded now."""
        return self._encoders.loaded

    @property
    def building(self) -> tuple[Modality, ...]:
        """The modalities whose encoder is being loaded now."""
        return tuple(modality for modality in self.bundle.modalities if self._encoders.is_building(modality))

    def release_idle(self, idle_s: float) -> None:
        """Release the encoders that were not used for so many seconds; the next need loads them again."""
        self._encoders.release_idle(self._steady_clock(), idle_s)

    def prepare_succession(
        self, bundle: Bundle, make_backend: MakeBackend, *, upgrade: Upgrade | None = None
    ) -> Succession:
        """Make another bundle ready to take over, beside the one in use; any thread may do it.

        make_backend, upgrade: as `Encoders` takes them, for the networks of this bundle. What is loaded now is loaded
        from the new bundle and run once. Raises BackendError when that fails, and ConfigurationError when a source
        cannot be read with its settings.
        """
        readers = {
            source: Reader(source.settings, bundle)
            for source in self.sources
            if source.settings.modality in bundle.modalities
            and not same_reading(source.settings.modality, self.bundle, bundle)
        }
        encoders = Encoders(bundle, make_backend, loads=self._loads, upgrade=upgrade)
        try:
            encoders.load(modality for modality in self.loaded if modality in bundle.modalities)
        except BaseException:
            encoders.close()
            raise
        return Succession(encoders, readers)

    def succeed(self, succession: Succession) -> None:
        """Use what was prepared, between two steps. Sources keep their state; those that cannot be encoded now go."""
        bundle = succession.encoders.bundle
        for source in self.sources:
            modality = source.settings.modality
            if modality not in bundle.modalities:
                self.remove_source(source.name)
            elif same_reading(modality, self.bundle, bundle):
                source.read_with(bundle, None)
            elif source in succession.readers:
                source.read_with(bundle, succession.readers[source])
            else:  # it came after the preparation
                self.remove_source(source.name)
        self._encoders.close()
        self._encoders = succession.encoders

    def close(self) -> None:
        """Release every encoder."""
        self._encoders.close()

    def _encode(
        self, encoder: Encoder, batch: list[PreparedInput], now_ns: int
    ) -> tuple[list[Embedding], list[OmnibindError]]:
        """The embeddings of a batch, and the errors of what has none."""
        try:
            vectors = encoder.encode_each([prepared.model_input for prepared in batch])
        except OmnibindError as error:
            for prepared in batch:
                prepared.source.encoder_failed(error, now_ns)
            return [], [error]
        done_s = self._steady_clock()
        self._encoders.used(encoder.modality, done_s)
        embeddings: list[Embedding] = []
        errors: list[OmnibindError] = []
        for prepared, vector_D in zip(batch, vectors, strict=True):
            if isinstance(vector_D, BackendError):
                errors.append(vector_D.at(prepared.source.name))
                prepared.source.encoder_failed(vector_D, now_ns)
                continue
            prepared.source.encoded(done_s - prepared.received_steady_s)
            embeddings.append(
                Embedding(
                    source=prepared.source.name,
                    modality=encoder.modality,
                    vector=vector_D,
                    quality=prepared.model_input.quality,
                    stamp_ns=prepared.model_input.stamp_ns,
                    frame_id=prepared.frame_id,
                    space=self.bundle.space,
                )
            )
        return embeddings, errors


def _by_modality(prepared: Iterable[PreparedInput]) -> dict[Modality, list[PreparedInput]]:
    batches: dict[Modality, list[PreparedInput]] = {}
    for one in prepared:
        batches.setdefault(one.source.settings.modality, []).append(one)
    return batches
