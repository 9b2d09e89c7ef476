"""One source on its way from message to model input: inbox, reader, monitor and the counts for its report."""

import threading
from collections import deque
from dataclasses import dataclass
from typing import Any

from omnibind_ros.errors import MessageError, OmnibindError
from omnibind_ros.fusion.source_state import SourceMonitor, SourceState, Transition
from omnibind_ros.inference.bundle import Bundle
from omnibind_ros.messages.header import frame_of, stamp_ns_of
from omnibind_ros.modality import Modality
from omnibind_ros.pipeline.inbox import STREAM_BOUND, Arrival, Inbox
from omnibind_ros.pipeline.reader import Reader, content_fingerprint
from omnibind_ros.pipeline.source_settings import STREAMS, SourceSettings
from omnibind_ros.preprocessing.model_input import ModelInput

_RATE_WINDOW = 20


@dataclass(frozen=True, slots=True)
class SourceReport:
    """What a user wants to know about a source.

    age_s: since its last usable data. rate_hz: of its messages. latency_s: from receiving a message to its embedding,
    steady clock. dropped: messages that newer ones replaced. errors: messages that could not be used. ttl_s: age from
    which its data no longer counts.
    """

    source: str
    modality: Modality
    topic: str
    state: SourceState
    reason: str
    age_s: float | None
    rate_hz: float
    latency_s: float | None
    quality: float | None
    dropped: int
    errors: int
    ttl_s: float


@dataclass(frozen=True, slots=True, eq=False)
class PreparedInput:
    """A model input with what the embedding made of it must carry on."""

    source: "Source"
    model_input: ModelInput
    frame_id: str
    received_steady_s: float


class Source:
    """One source.

    The thread that takes messages in calls `receive`, `publishers_changed` and `enable`; the worker calls all else.
    Decoding runs without the lock, so that taking a message in never waits for it.
    """

    def __init__(self, settings: SourceSettings, bundle: Bundle) -> None:
        self.settings = settings
        self._lock = threading.Lock()
        self._monitor = SourceMonitor(settings.name, settings.liveness)
        self._monitor.enable(settings.enabled)
        self._bundle = bundle
        # Made now and not with the first message: it may have to compile a decoder, and results must not wait for that.
        self._reader = Reader(settings, bundle)
        self._publishers = 0
        self._replaced = False
        self._inbox = Inbox(STREAM_BOUND if settings.modality in STREAMS else 1)
        self._arrivals_s: deque[float] = deque(maxlen=_RATE_WINDOW)
        self._errors = 0
        self._quality: float | None = None
        self._latency_s: float | None = None

    @property
    def name(self) -> str:
        """The source's name."""
        return self.settings.name

    @property
    def state(self) -> SourceState:
        """The state as of the last `update`."""
        return self._monitor.state

    def receive(self, message: Any, now_ns: int, steady_s: float) -> None:
        """Take a message in; cheap, so that the receiving thread stays free."""
        with self._lock:
            self._monitor.received(stamp_ns_of(message), now_ns)
            self._arrivals_s.append(steady_s)
        self._inbox.put(Arrival(message, now_ns, steady_s))

    def read_with(self, bundle: Bundle, reader: Reader | None) -> None:
        """Read with the constants of another bundle; None: they are the same, what is in a window stays in it."""
        self._bundle = bundle
        self._reader = reader or self._reader

    def publishers_changed(self, count: int) -> None:
        """The number of publishers on the topic is now `count`."""
        with self._lock:
            self._monitor.publishers_changed(count)
            if count == 0:
                self._arrivals_s.clear()
                self._inbox.take_all()
            # A sensor that comes back may be another one: no window may hold data of both, not even what came in late
            # from the one before.
            if count == 0 or self._publishers == 0:
                self._replaced = True
            self._publishers = count

    def enable(self, enabled: bool) -> None:
        """Switch the source on or off."""
        with self._lock:
            self._monitor.enable(enabled)

    def mismatched(self, problem: str) -> None:
        """Why what is published on the topic cannot be received at all; empty when it can."""
        with self._lock:
            self._monitor.mismatched(problem)

    def prepare(self) -> tuple[PreparedInput | None, list[OmnibindError]]:
        """Decode what waits; the newest model input, if one is complete, and the errors of what could not be used."""
        errors: list[OmnibindError] = []
        arrivals = self._inbox.take_all()
        for arrival in arrivals:
            try:
                self._read(arrival)
            except Exception as error:  # whatever one message holds, the other sources must not pay for it
                errors.append(self._failed(_as_ours(error)))
        if not arrivals:
            return None, errors
        try:
            model_input = self._reader.take()
        except Exception as error:  # see above
            return None, [*errors, self._failed(_as_ours(error))]
        if model_input is None:
            return None, errors
        last = arrivals[-1]
        self._quality = model_input.quality
        return PreparedInput(self, model_input, frame_of(last.message), last.received_steady_s), errors

    def discard(self) -> None:
        """Throw away what waits, unread: nobody wants a result now. The source stays live as far as can be told."""
        arrivals = self._inbox.take_all()
        if arrivals:
            with self._lock:
                self._monitor.decoded(None, arrivals[-1].received_ns)

    def may_encode(self, now_ns: int) -> bool:
        """Whether what was prepared should be encoded now."""
        with self._lock:
            return self._monitor.may_encode(now_ns)

    def encoded(self, latency_s: float) -> None:
        """An embedding was made of the source's data, `latency_s` after its message came in."""
        with self._lock:
            self._latency_s = latency_s
            self._monitor.encoded()

    def encoder_failed(self, error: OmnibindError, now_ns: int) -> None:
        """The encoder failed on the source's data."""
        with self._lock:
            self._errors += 1
            self._monitor.encoder_failed(error, now_ns)

    def update(self, now_ns: int) -> Transition | None:
        """Settle the state; returns the transition if there was one."""
        with self._lock:
            return self._monitor.update(now_ns)

    def report(self, now_ns: int, steady_s: float) -> SourceReport:
        """What to tell about the source now."""
        with self._lock:
            return SourceReport(
                source=self.name,
                modality=self.settings.modality,
                topic=self.settings.topic,
                state=self._monitor.state,
                reason=self._monitor.reason,
                age_s=self._monitor.age_s(now_ns),
                rate_hz=self._rate_hz(steady_s),
                latency_s=self._latency_s,
                quality=self._quality,
                dropped=self._inbox.dropped,
                errors=self._errors,
                ttl_s=self.settings.liveness.ttl_s,
            )

    def _failed(self, error: OmnibindError) -> OmnibindError:
        """Count an error of this source, and return it with the source's name."""
        with self._lock:
            self._errors += 1
            self._monitor.failed(error)
        return error.at(self.name)

    def _read(self, arrival: Arrival) -> None:
        with self._lock:
            replaced, self._replaced = self._replaced, False
        if replaced:
            self._reader = Reader(self.settings, self._bundle)
        stamp_ns = stamp_ns_of(arrival.message)
        self._reader.read(arrival.message, arrival.received_ns if stamp_ns is None else stamp_ns)
        content = content_fingerprint(self.settings.modality, arrival.message)
        with self._lock:
            self._monitor.decoded(content, arrival.received_ns)

    def _rate_hz(self, steady_s: float) -> float:
        arrivals_s = self._arrivals_s
        if len(arrivals_s) < 2 or steady_s - arrivals_s[-1] > max(self.settings.liveness.ttl_s, 1.0):
            return 0.0
        span_s = arrivals_s[-1] - arrivals_s[0]
        return (len(arrivals_s) - 1) / span_s if span_s > 0 else 0.0


def _as_ours(error: Exception) -> OmnibindError:
    """The error itself, or for one that nobody foresaw an error that names it."""
    if isinstance(error, OmnibindError):
        return error
    return MessageError(
        f"{type(error).__name__}: {error}", remedy="please report this with a recording of the topic; it is our mistake"
    )
