"""How often a server is asked: a number of requests a minute, and pauses that all threads keep."""

import threading
import time
from collections.abc import Callable

_MINUTE_S = 60.0


class Pace:
    """Lets requests through one at a time, evenly spaced."""

    def __init__(
        self,
        per_minute: float | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """per_minute: the most requests; None for as many as come."""
        self._interval_s = _MINUTE_S / per_minute if per_minute else 0.0
        self._clock = clock
        self._sleep = sleep
        self._next_s = clock()
        self._lock = threading.Lock()

    def wait(self) -> None:
        """Return when the next request may be sent."""
        while True:
            with self._lock:
                now = self._clock()
                if now >= self._next_s:
                    self._next_s = now + self._interval_s
                    return
                rest = self._next_s - now
            self._sleep(rest)

    def pause(self, seconds: float) -> None:
        """Let nobody's next request through before so many seconds have passed."""
        with self._lock:
            self._next_s = max(self._next_s, self._clock() + seconds)
