"""Where a source's messages wait for the worker: the newest only, or for streams as many as a bound allows."""

import threading
from collections import deque
from dataclasses import dataclass
from typing import Any

# A second of audio in 10 ms chunks, or of events in 10 ms packets; what a worker cannot keep up with is dropped.
STREAM_BOUND = 100


@dataclass(frozen=True, slots=True, eq=False)
class Arrival:
    """A message, the ROS time in nanoseconds and the steady time in seconds at which it came in."""

    message: Any
    received_ns: int
    received_steady_s: float


class Inbox:
    """Hands messages from the callback's thread to the worker's. Never grows beyond its bound."""

    def __init__(self, bound: int) -> None:
        self._lock = threading.Lock()
        self._waiting: deque[Arrival] = deque(maxlen=bound)
        self._dropped = 0
        self._postponed = False

    def put(self, arrival: Arrival) -> None:
        """Add a message; the oldest is replaced when the bound is reached, which is a drop unless it was postponed."""
        with self._lock:
            self._dropped += len(self._waiting) == self._waiting.maxlen and not self._postponed
            self._postponed = False
            self._waiting.append(arrival)

    def take_all(self) -> list[Arrival]:
        """All that wait, oldest first."""
        with self._lock:
            taken = list(self._waiting)
            self._waiting.clear()
        return taken

    def postpone(self) -> Arrival | None:
        """The newest that waits, which goes on waiting; a newer one may replace it."""
        with self._lock:
            self._postponed = bool(self._waiting)
            return self._waiting[-1] if self._waiting else None

    @property
    def dropped(self) -> int:
        """Messages replaced before anybody looked at them."""
        return self._dropped

    def __len__(self) -> int:
        return len(self._waiting)
