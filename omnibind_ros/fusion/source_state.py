"""The state of one source, from what was seen of it; time is an argument, so nothing here waits."""

from dataclasses import dataclass
from enum import Enum

from omnibind_ros.errors import OmnibindError

NANOSECONDS = 1_000_000_000
# A single unreadable message among good ones is counted, not a fault; this many in a row are.
FAILURES_UNTIL_FAULTY = 3
# How long after an encoder failed on a source's data it is tried again.
RETRY_S = 2.0


class SourceState(str, Enum):
    """What a source is doing; only a live one is fused."""

    ABSENT = "absent"
    WAITING = "waiting"
    BUILDING = "building"
    LIVE = "live"
    STALE = "stale"
    FROZEN = "frozen"
    FAULTY = "faulty"
    DISABLED = "disabled"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True)
class LivenessSettings:
    """When a source counts as live.

    ttl_s: age of its newest data from which it is stale. frozen_after_s: how long its stamp or content may stay the
    same while messages keep coming; 0 switches that check off. max_clock_offset_s: how far its stamps may lie from
    this computer's clock.
    """

    ttl_s: float
    frozen_after_s: float
    max_clock_offset_s: float


@dataclass(frozen=True, slots=True)
class Transition:
    """A source went from one state to another; `reason` is for the log."""

    source: str
    before: SourceState
    after: SourceState
    reason: str


class SourceMonitor:
    """Follows one source. All times are ROS time in nanoseconds."""

    def __init__(self, source: str, settings: LivenessSettings) -> None:
        self.source = source
        self.settings = settings
        self.state = SourceState.ABSENT
        self.reason = "no publisher"
        self.clock_offset_s = 0.0
        self._enabled = True
        self._mismatch = ""
        self._publishers = 0
        self._judged_ns: int | None = None
        self._received_ns: int | None = None
        self._usable_ns: int | None = None
        self._failures = 0
        self._problem = ""
        self._unread = False
        self._building = False
        self._loading_problem = ""
        self._encoder_problem = ""
        self._retry_ns = 0
        self._stamp = _Unchanged()
        self._content = _Unchanged()

    def publishers_changed(self, count: int) -> None:
        """The number of publishers on the source's topic is now `count`."""
        if count == 0 or self._publishers == 0:
            self._forget()
        self._publishers = count

    def received(self, stamp_ns: int | None, now_ns: int) -> None:
        """A message came in, stamped `stamp_ns` by the sensor (None: it carries no stamp)."""
        if self._is_later(self._received_ns, now_ns):
            self._forget()
        self._received_ns = now_ns
        # A message proves a publisher even before the graph has heard of it.
        self._publishers = max(self._publishers, 1)
        # A repeated stamp grows old by itself; only a new one tells how far the sensor's clock is off.
        if stamp_ns is not None and self._stamp.saw(stamp_ns, now_ns):
            self.clock_offset_s = (stamp_ns - now_ns) / NANOSECONDS

    def decoded(self, content: int | None, now_ns: int) -> None:
        """A message was decoded into usable data with the fingerprint `content` (None: repeats are normal)."""
        self._failures = 0
        self._usable_ns = now_ns
        self._unread = False
        if content is not None:
            self._content.saw(content, now_ns)

    def postponed(self, now_ns: int) -> None:
        """A message waits to be decoded until a result is due; until then it is taken for what those before it were."""
        if not self._failures:
            self._usable_ns = now_ns

    def discarded(self, now_ns: int) -> None:
        """A message was thrown away unread, as nobody wants a result.

        What was wrong with those before it tells nothing about it: that is judged with the next one that is read.
        """
        self._usable_ns = now_ns
        self._unread = True
        if not self._is_frozen(self._content, now_ns):
            self._content = _Unchanged()  # what it was in the meantime is unknown

    def failed(self, error: OmnibindError) -> None:
        """A message could not be decoded."""
        self._unread = False
        self._failures += 1
        self._problem = f"{error.problem} ({error.remedy})"

    def encoder_failed(self, error: OmnibindError, now_ns: int) -> None:
        """The encoder failed on the source's data."""
        self._encoder_problem = str(error)
        self._retry_ns = now_ns + round(RETRY_S * NANOSECONDS)

    def encoded(self) -> None:
        """The encoder made an embedding of the source's data."""
        self._encoder_problem = ""

    def may_encode(self, now_ns: int) -> bool:
        """Whether the source's data is worth encoding now, and its encoder's next try due if the last one failed."""
        self._look_at_clock(now_ns)
        if self._encoder_problem and now_ns < self._retry_ns:
            return False
        return not any(judge(now_ns) for judge in (self._judge_presence, self._judge_honesty, self._judge_content))

    def enable(self, enabled: bool) -> None:
        """The operator switched the source on or off."""
        if enabled and not self._enabled:
            self._forget()
        self._enabled = enabled

    def mismatched(self, problem: str) -> None:
        """Why what is published on the topic cannot be received at all; empty when it can."""
        self._mismatch = problem

    def encoder_is(self, *, building: bool, problem: str) -> None:
        """Whether the encoder this source needs is still being loaded, and why it could not be, if it could not."""
        self._building = building
        self._loading_problem = problem

    def update(self, now_ns: int) -> Transition | None:
        """Settle the state at this moment; returns the transition if there was one."""
        self._look_at_clock(now_ns)
        before = self.state
        self.state, self.reason = self._judge(now_ns)
        if self.state is before:
            return None
        return Transition(self.source, before, self.state, self.reason)

    def age_s(self, now_ns: int) -> float | None:
        """Seconds since the last usable data, None before the first."""
        return None if self._usable_ns is None else max(0.0, (now_ns - self._usable_ns) / NANOSECONDS)

    def _judge(self, now_ns: int) -> tuple[SourceState, str]:
        for judge in (self._judge_presence, self._judge_honesty, self._judge_encoder, self._judge_content):
            verdict = judge(now_ns)
            if verdict is not None:
                return verdict
        return SourceState.LIVE, "data is arriving"

    def _judge_presence(self, now_ns: int) -> tuple[SourceState, str] | None:
        if not self._enabled:
            return SourceState.DISABLED, "switched off by the operator"
        if self._publishers == 0:
            return SourceState.ABSENT, "no publisher"
        if self._mismatch:
            return SourceState.FAULTY, self._mismatch
        if self._received_ns is None:
            return SourceState.WAITING, "a publisher is there but sent nothing yet"
        silence_s = (now_ns - self._received_ns) / NANOSECONDS
        if silence_s > self.settings.ttl_s:
            return SourceState.STALE, f"no message for more than {self.settings.ttl_s:g} s"
        return None

    def _judge_honesty(self, now_ns: int) -> tuple[SourceState, str] | None:
        if abs(self.clock_offset_s) > self.settings.max_clock_offset_s:
            return SourceState.FAULTY, (
                f"its stamps are {self.clock_offset_s:+.1f} s off this computer's clock (synchronise the clocks, or "
                "raise max_clock_offset)"
            )
        if not self._unread and (
            self._failures >= FAILURES_UNTIL_FAULTY or (self._failures and self._unusable(now_ns))
        ):
            return SourceState.FAULTY, self._problem
        return None

    def _judge_encoder(self, now_ns: int) -> tuple[SourceState, str] | None:
        problem = self._loading_problem or self._encoder_problem
        if problem:
            return SourceState.FAULTY, problem
        return (SourceState.BUILDING, "its encoder is being loaded") if self._building else None

    def _judge_content(self, now_ns: int) -> tuple[SourceState, str] | None:
        if self._unusable(now_ns):
            return SourceState.WAITING, "messages arrive but no complete window yet"
        for what, seen in (("stamp", self._stamp), ("content", self._content)):
            unread = self._unread and seen is self._content
            if self._is_frozen(seen, now_ns) and not unread:
                return SourceState.FROZEN, f"the same {what} for more than {self.settings.frozen_after_s:g} s"
        return None

    def _is_frozen(self, seen: "_Unchanged", now_ns: int) -> bool:
        return 0 < self.settings.frozen_after_s <= seen.unchanged_s(now_ns)

    def _unusable(self, now_ns: int) -> bool:
        age_s = self.age_s(now_ns)
        return age_s is None or age_s > self.settings.ttl_s

    def _look_at_clock(self, now_ns: int) -> None:
        """Forget what was before the clock jumped back: a bag began again, or a simulation was reset.

        A message from after this moment alone is no sign of it: the round that judges now may have taken long.
        """
        if self._is_later(self._judged_ns, now_ns) and self._is_later(self._received_ns, now_ns):
            self._forget()
        self._judged_ns = now_ns

    def _is_later(self, moment_ns: int | None, now_ns: int) -> bool:
        """Whether something was later than now, by more than the `ttl`: by less, clocks are corrected in steps."""
        return moment_ns is not None and moment_ns - now_ns > self.settings.ttl_s * NANOSECONDS

    def _forget(self) -> None:
        self._received_ns = None
        self._usable_ns = None
        self._failures = 0
        self._unread = False
        self._encoder_problem = ""
        self.clock_offset_s = 0.0
        self._stamp = _Unchanged()
        self._content = _Unchanged()


class _Unchanged:
    """Since when a value has been repeating."""

    def __init__(self) -> None:
        self._value: int | None = None
        self._since_ns = 0
        self._last_ns = 0

    def saw(self, value: int, now_ns: int) -> bool:
        """Take a value; returns whether it is another one than before."""
        changed = value != self._value
        if changed:
            self._value = value
            self._since_ns = now_ns
        self._last_ns = now_ns
        return changed

    def unchanged_s(self, now_ns: int) -> float:
        # Up to the last message, not up to now: a source that is silent is stale, not frozen.
        return 0.0 if self._value is None else (min(self._last_ns, now_ns) - self._since_ns) / NANOSECONDS
