"""The one thread that decodes, infers and publishes, so that the executor's thread is always free to listen."""

import threading
from collections import deque
from collections.abc import Callable

# How long the worker sleeps when nothing arrives: sources go stale without any message telling so.
IDLE_S = 0.1


class Worker:
    """Calls `task` when woken, when the time that `task` returned is over, and at least every `IDLE_S`."""

    def __init__(self, task: Callable[[], float], on_error: Callable[[Exception], None]) -> None:
        self._task = task
        self._on_error = on_error
        self._wake = threading.Event()
        self._calls: deque[Callable[[], None]] = deque()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="omnibind worker", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def wake(self) -> None:
        """There is something to do."""
        self._wake.set()

    def call(self, action: Callable[[], None]) -> None:
        """Do something once between two tasks, in the worker's thread; at the latest when it stops."""
        self._calls.append(action)
        self._wake.set()

    def stop(self) -> None:
        """End the thread; returns when its last task is done."""
        self._stopping = True
        self._wake.set()
        self._thread.join()
        self._do_calls()

    def _run(self) -> None:
        sleep_s = 0.0
        while not self._stopping:
            self._wake.wait(min(max(sleep_s, 0.0), IDLE_S))
            self._wake.clear()
            if self._stopping:
                return
            try:
                self._do_calls()
                sleep_s = self._task()
            except Exception as error:  # the robot must go on recognising, whatever one task ran into
                self._on_error(error)
                sleep_s = IDLE_S

    def _do_calls(self) -> None:
        while self._calls:
            self._calls.popleft()()
