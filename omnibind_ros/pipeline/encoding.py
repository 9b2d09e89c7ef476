"""From messages to embeddings, for all sources: newest first, one batch a modality, nothing queued."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from omnibind_ros.errors import ConfigurationError, OmnibindError
from omnibind_ros.fusion.source_state import SourceState, Transition
from omnibind_ros.inference.backend import Backend
from omnibind_ros.inference.bundle import Bundle
from omnibind_ros.inference.embedding import Embedding
from omnibind_ros.inference.encoder import Encoder
from omnibind_ros.modality import Modality
from omnibind_ros.pipeline.source import PreparedInput, Source, SourceReport
from omnibind_ros.pipeline.source_settings import SourceSettings

MakeBackend = Callable[[bytes, str], Backend]


@dataclass(frozen=True, slots=True)
class EncodingStep:
    """What one step brought: embeddings of live sources, changes of state, and the errors of what could not be used."""

    embeddings: tuple[Embedding, ...]
    transitions: tuple[Transition, ...]
    errors: tuple[OmnibindError, ...]


class EncodingPipeline:
    """All sources and the encoders they share. `make_backend(onnx_bytes, name)` loads a network.

    One worker calls `step`, `update` and `reports`; `Source.receive` may be called from another thread.
    """

    def __init__(self, bundle: Bundle, make_backend: MakeBackend, steady_clock: Callable[[], float]) -> None:
        self._bundle = bundle
        self._make_backend = make_backend
        self._steady_clock = steady_clock
        self._encoders: dict[Modality, Encoder] = {}
        self._sources: dict[str, Source] = {}

    @property
    def sources(self) -> tuple[Source, ...]:
        """All sources, in the order they were added."""
        return tuple(self._sources.values())

    def add_source(self, settings: SourceSettings) -> Source:
        """Add a source. Raises ConfigurationError when its name is taken or the bundle has no such encoder."""
        if settings.name in self._sources:
            raise ConfigurationError("the name is taken", remedy="give every source its own name", source=settings.name)
        if settings.modality not in self._bundle.modalities:
            raise ConfigurationError(
                f"the bundle {self._bundle.name} has no encoder for {settings.modality}",
                remedy=f"use one of {', '.join(map(str, self._bundle.modalities))}, or a bundle with that encoder",
                source=settings.name,
            )
        source = Source(settings, self._bundle)
        self._sources[settings.name] = source
        return source

    def step(self, now_ns: int, *, wanted: bool) -> EncodingStep:
        """Settle every source's state and turn what waits at the live ones into embeddings.

        wanted: whether anybody wants embeddings now; if not, messages only keep the states up to date.
        """
        errors: list[OmnibindError] = []
        prepared: list[PreparedInput] = []
        for source in self.sources:
            if not wanted or source.state is SourceState.DISABLED:
                source.discard()
                continue
            model_input, problems = source.prepare()
            errors += problems
            if model_input is not None:
                prepared.append(model_input)
        # States are settled between preparing and encoding: a frame that turns out to be frozen is not encoded.
        transitions = [transition for source in self.sources if (transition := source.update(now_ns))]
        embeddings: list[Embedding] = []
        due = [one for one in prepared if one.source.may_encode(now_ns)]
        for modality, batch in _by_modality(due).items():
            try:
                embeddings += self._encode(modality, batch)
            except OmnibindError as error:
                errors.append(error)
                for one in batch:
                    one.source.encoder_failed(error, now_ns)
        return EncodingStep(tuple(embeddings), tuple(transitions), tuple(errors))

    def reports(self, now_ns: int) -> list[SourceReport]:
        """What to tell about every source."""
        steady_s = self._steady_clock()
        return [source.report(now_ns, steady_s) for source in self.sources]

    def load(self, modalities: Iterable[Modality]) -> None:
        """Load and warm up encoders before they are needed. Raises BackendError."""
        for modality in modalities:
            self._encoder(modality).warm_up()

    @property
    def loaded(self) -> dict[Modality, Encoder]:
        """The encoders that are loaded now."""
        return dict(self._encoders)

    def close(self) -> None:
        """Release every encoder."""
        for encoder in self._encoders.values():
            encoder.close()
        self._encoders.clear()

    def _encoder(self, modality: Modality) -> Encoder:
        if modality not in self._encoders:
            description = self._bundle.description.encoders[modality]
            backend = self._make_backend(self._bundle.content(description), description.file)
            self._encoders[modality] = Encoder(self._bundle, modality, backend)
        return self._encoders[modality]

    def _encode(self, modality: Modality, batch: list[PreparedInput]) -> list[Embedding]:
        vectors_BD = self._encoder(modality).encode([prepared.model_input for prepared in batch])
        done_s = self._steady_clock()
        embeddings = []
        for prepared, vector_D in zip(batch, vectors_BD, strict=True):
            prepared.source.encoded(done_s - prepared.received_steady_s)
            embeddings.append(
                Embedding(
                    source=prepared.source.name,
                    modality=modality,
                    vector=vector_D,
                    quality=prepared.model_input.quality,
                    stamp_ns=prepared.model_input.stamp_ns,
                    frame_id=prepared.frame_id,
                    space=self._bundle.space,
                )
            )
        return embeddings


def _by_modality(prepared: Iterable[PreparedInput]) -> dict[Modality, list[PreparedInput]]:
    batches: dict[Modality, list[PreparedInput]] = {}
    for one in prepared:
        batches.setdefault(one.source.settings.modality, []).append(one)
    return batches
