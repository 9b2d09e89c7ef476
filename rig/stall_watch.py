"""Whether the computer itself stood still: nothing that runs on it can be quicker than it."""

import threading
import time
from types import TracebackType

from typing_extensions import Self

_PERIOD_S = 0.02


class StallWatch:
    """While its context lasts: how much later than it asked for this process was woken up, at worst.

    A virtual machine that its host puts aside, or a computer with more to do than it can, shows here.
    """

    def __init__(self) -> None:
        self.longest_s = 0.0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="stall watch", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        asked_s = time.monotonic()
        while not self._ended.wait(_PERIOD_S):
            woken_s = time.monotonic()
            self.longest_s = max(self.longest_s, woken_s - asked_s - _PERIOD_S)
            asked_s = woken_s
