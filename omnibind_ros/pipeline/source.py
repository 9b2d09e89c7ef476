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
    encoders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class PreparedInput:
    """A model input with what the embedding made of it must carry on."""

    source: "Source"
    model_input: ModelInput
    frame_id: str
    received_steady_s: float


class Source:
    """One source.

    The thread that takes messages in calls `receive`, `describe`, `publishers_changed`, `mismatched` and `enable`; the
    worker calls all else.
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
        self._info: Any = None
        self._info_in_use: Any = None
        # Read into the reader's window, but not taken from it yet.
        self._last_read: Arrival | None = None
        self._kept: PreparedInput | None = None
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

    def describe(self, info: Any) -> None:
        """Take an `AudioInfo`, which tells how the sound that follows is to be read."""
        with self._lock:
            if self._info is None or _content_of(info) != _content_of(self._info):
                self._info = info

    def read_with(self, bundle: Bundle, reader: Reader | None) -> None:
        """Read with the constants of another bundle; None: they are the same, what is in a window stays in it."""
        self._bundle = bundle
        if reader is not None:
            self._reader, self._info_in_use = reader, None
            self._last_read = self._kept = None

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

    @property
    def waits(self) -> bool:
        """Whether there is something to prepare."""
        return len(self._inbox) > 0 or self._last_read is not None or self._kept is not None

    def hold(self) -> list[OmnibindError]:
        """Leave what waits to a later round, in which only the newest of it is prepared.

        The packets of a stream are read all the same; returns the errors of those that could not be.
        """
        if self.settings.modality in STREAMS:
            return self._read_waiting()
        newest = self._inbox.postpone()
        if newest is not None:
            with self._lock:
                self._monitor.postponed(newest.received_ns)
        return []

    def prepare(self) -> tuple[PreparedInput | None, list[OmnibindError]]:
        """Decode what waits; the newest model input, if one is complete, and the errors of what could not be used."""
        errors = self._read_waiting()
        last, self._last_read = self._last_read, None
        kept, self._kept = self._kept, None
        if last is None:
            return kept, errors
        try:
            model_input = self._reader.take()
        except Exception as error:  # whatever one message holds, the other sources must not pay for it
            return None, [*errors, self._failed(_as_ours(error))]
        if model_input is None:
            return kept, errors
        self._quality = model_input.quality
        return PreparedInput(self, model_input, frame_of(last.message), last.received_steady_s), errors

    def keep(self, prepared: PreparedInput) -> None:
        """Keep what was prepared until its encoder is there, unless something newer comes."""
        self._kept = prepared

    def discard(self) -> None:
        """Throw away what waits, unread: nobody wants a result now. The source stays live as far as can be told."""
        arrivals = self._inbox.take_all()
        self._last_read = self._kept = None
        if arrivals:
            with self._lock:
                self._monitor.discarded(arrivals[-1].received_ns)

    def encoder_is(self, *, building: bool, problem: str) -> None:
        """Whether the source's encoder is still being loaded, and why it could not be, if it could not."""
        with self._lock:
            self._monitor.encoder_is(building=building, problem=problem)

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

    def _read_waiting(self) -> list[OmnibindError]:
        errors: list[OmnibindError] = []
        for arrival in self._inbox.take_all():
            try:
                self._read(arrival)
                self._last_read = arrival
            except Exception as error:  # see `prepare`
                errors.append(self._failed(_as_ours(error)))
        return errors

    def _read(self, arrival: Arrival) -> None:
        with self._lock:
            replaced, self._replaced = self._replaced, False
            info = self._info
        if replaced or info is not self._info_in_use:
            self._begin_anew(info)
        stamp_ns = stamp_ns_of(arrival.message)
        self._reader.read(arrival.message, arrival.received_ns if stamp_ns is None else stamp_ns)
        content = content_fingerprint(self.settings.modality, arrival.message)
        with self._lock:
            self._monitor.decoded(content, arrival.received_ns)

    def _begin_anew(self, info: Any) -> None:
        """Forget what is in a window: it is from another sensor, or was read in another way."""
        self._reader = Reader(self.settings, self._bundle)
        self._last_read = self._kept = None
        self._info_in_use = info
        if info is not None:
            self._reader.describe(info)

    def _rate_hz(self, steady_s: float) -> float:
        arrivals_s = self._arrivals_s
        if len(arrivals_s) < 2 or steady_s - arrivals_s[-1] > max(self.settings.liveness.ttl_s, 1.0):
            return 0.0
        span_s = arrivals_s[-1] - arrivals_s[0]
        return (len(arrivals_s) - 1) / span_s if span_s > 0 else 0.0


def _content_of(info: Any) -> tuple[Any, ...]:
    """What an `AudioInfo` says of how samples are to be read; drivers repeat it again and again."""
    return tuple(getattr(info, field, None) for field in ("coding_format", "sample_rate", "channels", "sample_format"))


def _as_ours(error: Exception) -> OmnibindError:
    """The error itself, or for one that nobody foresaw an error that names it."""
    if isinstance(error, OmnibindError):
        return error
    return MessageError(
        f"{type(error).__name__}: {error}", remedy="please report this with a recording of the topic; it is our mistake"
    )
