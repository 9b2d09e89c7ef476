"""When the samples of a stream were recorded, from stamps that jitter, drift or are only times of receipt."""

# Weight of one message's deviation in the clock: follows drift within seconds, ignores the jitter of single messages.
_FOLLOW = 1.0 / 16.0


class StreamClock:
    """Counts samples from the first stamp and follows later stamps slowly.

    A header's stamp is the time of a chunk's first sample. When it is off the counted time by more than the tolerance,
    samples were lost or the clock was set: the stream is broken.

    A time of receipt says only that all samples were recorded before it, with an unknown delay that changes. A chunk
    that arrives early corrects the clock at once, one that arrives late does so slowly, however late it is. The stream
    is broken only when nothing arrived for longer than the chunk lasts plus the tolerance, or when time went back.
    """

    def __init__(self, tolerance_s: float) -> None:
        self._tolerance_ns = round(tolerance_s * 1e9)
        self._end_ns: int | None = None
        self._stamp_ns = 0

    @property
    def end_ns(self) -> int:
        """Time of the end of the last sample counted, nanoseconds; 0 before the first."""
        return self._end_ns or 0

    def advance(self, stamp_ns: int, duration_ns: int, *, stamped: bool) -> bool:
        """Count one chunk. False when it starts a new stream, because it is the first or the stream is broken."""
        start_ns = stamp_ns if stamped else stamp_ns - duration_ns
        since_last_ns, self._stamp_ns = stamp_ns - self._stamp_ns, stamp_ns
        unbroken = False
        if self._end_ns is not None:
            late_ns = start_ns - self._end_ns
            if stamped:
                unbroken = abs(late_ns) <= self._tolerance_ns
            else:
                unbroken = -self._tolerance_ns <= since_last_ns <= duration_ns + self._tolerance_ns
            if unbroken:
                early = late_ns < 0 and not stamped
                start_ns = self._end_ns + (late_ns if early else round(late_ns * _FOLLOW))
        self._end_ns = start_ns + duration_ns
        return unbroken
