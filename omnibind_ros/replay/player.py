"""Plays recorded messages to the pipeline: the rounds of the live node, with the bag's time as the only clock."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from omnibind_ros.errors import OmnibindError
from omnibind_ros.fusion.source_state import NANOSECONDS, SourceState, Transition
from omnibind_ros.inference.bundle import Bundle
from omnibind_ros.pipeline.encoders import MakeBackend
from omnibind_ros.pipeline.encoding import EncodingPipeline
from omnibind_ros.pipeline.recognition import Recognition, RecognitionPipeline
from omnibind_ros.pipeline.source import Source
from omnibind_ros.pipeline.source_settings import MESSAGE_TYPES, SourceSettings
from omnibind_ros.recognition.label_bank import LabelBank
from omnibind_ros.replay.bag import Recorded, Topic

# As often as the live node's worker looks at its sources while nothing arrives.
_IDLE_NS = NANOSECONDS // 10
# What has not gone stale this long after its `ttl` never will: there is no need to look on.
_SETTLED_NS = NANOSECONDS

Listener = Callable[[Recorded], None]


@dataclass(frozen=True, slots=True, eq=False)
class Round:
    """What happened at one moment of the bag.

    embedded: the qualities of the embeddings that were made, by source.
    """

    time_ns: int
    embedded: Mapping[str, float]
    transitions: tuple[Transition, ...]
    errors: tuple[OmnibindError, ...]
    recognition: Recognition | None


class Player:
    """Every message is worked on the moment it was received: as a node on a computer that is never late."""

    def __init__(
        self,
        bundle: Bundle,
        sources: Iterable[SourceSettings],
        make_backend: MakeBackend,
        *,
        max_rate_hz: float,
        most_labels: int,
        labels: LabelBank | None,
    ) -> None:
        """Sources have the full names of their topics. labels: instead of the bundle's own.

        Raises BackendError, and ConfigurationError for a source that the bundle has no encoder for.
        """
        self._now_ns = 0
        self._encoding = EncodingPipeline(bundle, make_backend, lambda: self._now_ns / NANOSECONDS)
        self._recognition = RecognitionPipeline(bundle, make_backend, most_labels=most_labels, labels=labels)
        self._by_topic: dict[str, list[Source]] = {}
        for settings in sources:
            self._by_topic.setdefault(settings.topic, []).append(self._encoding.add_source(settings))
        self._period_ns = round(NANOSECONDS / max_rate_hz)
        self._due_ns = 0
        self._fresh = False
        longest_ttl_s = max((source.settings.liveness.ttl_s for source in self.sources), default=0.0)
        self._settled_after_ns = round(longest_ttl_s * NANOSECONDS) + _SETTLED_NS

    @property
    def sources(self) -> tuple[Source, ...]:
        """The sources that are played to."""
        return self._encoding.sources

    def takes(self, topic: Topic) -> bool:
        """Whether a source listens to a topic."""
        return any(_decodes(source, topic) for source in self._by_topic.get(topic.name, ()))

    def play(self, messages: Iterable[Recorded], listeners: Mapping[Topic, Listener]) -> Iterator[Round]:
        """Play messages, and tell what happens. listeners: who hears a topic that is no source's."""
        for recorded in messages:
            # Recorders write a late message late; time does not go back for that.
            time_ns = max(recorded.received_ns, self._now_ns)
            if self._now_ns:
                yield from self._pass_time(time_ns)
            if recorded.topic in listeners:
                listeners[recorded.topic](recorded)
            for source in self._by_topic.get(recorded.topic.name, ()):
                if _decodes(source, recorded.topic):
                    source.receive(recorded.message, time_ns, time_ns / NANOSECONDS)
            yield self._round(time_ns)
        if self._fresh:
            yield self._round(self._due_ns)

    def close(self) -> None:
        """Release every inference session."""
        self._encoding.close()
        self._recognition.close()

    def _pass_time(self, until_ns: int) -> Iterator[Round]:
        """The rounds between two messages, in which sources grow stale and recognitions become due."""
        settled_ns = self._now_ns + self._settled_after_ns
        while True:
            next_ns = self._now_ns + _IDLE_NS
            if self._fresh:
                next_ns = min(next_ns, self._due_ns)
            if next_ns >= min(until_ns, settled_ns):
                return
            yield self._round(next_ns)

    def _round(self, now_ns: int) -> Round:
        self._now_ns = now_ns
        step = self._encoding.step(now_ns, wanted=True)
        errors = list(step.errors)
        for transition in step.transitions:
            if transition.after is not SourceState.LIVE:
                self._recognition.exclude(transition.source)
        for embedding in step.embeddings:
            self._recognition.accept(embedding, ttl_s=self._encoding.ttl_s(embedding.source), now_ns=now_ns)
            self._fresh = True
        recognition = None
        if self._fresh and now_ns >= self._due_ns:
            self._fresh = False
            self._due_ns = now_ns + self._period_ns
            try:
                recognition = self._recognition.recognise(now_ns)
            except OmnibindError as error:
                errors.append(error)
        return Round(
            now_ns,
            {embedding.source: embedding.quality for embedding in step.embeddings},
            step.transitions,
            tuple(errors),
            recognition,
        )


def _decodes(source: Source, topic: Topic) -> bool:
    return topic.message_type in MESSAGE_TYPES[source.settings.modality]
