"""Does what takes long, such as loading a bundle, beside everything else."""

import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from rclpy.node import Node

from omnibind_ros.errors import ConfigurationError

Result = TypeVar("Result")


class _Job(Generic[Result]):
    def __init__(self, work: Callable[[], Result], done: Callable[[Result | None, Exception | None], None]) -> None:
        self._work = work
        self._done = done
        self._result: Result | None = None
        self._error: Exception | None = None

    def run(self) -> None:
        try:
            self._result = self._work()
        except Exception as error:  # handed on to whoever asked for it
            # Without its frames, which hold what was loaded until then.
            self._error = error.with_traceback(None)

    def refuse(self, error: Exception) -> None:
        self._done(None, error)

    def deliver(self) -> None:
        self._done(self._result, self._error)


class Loader:
    """One job at a time in a thread of its own; outcomes are delivered in the executor's thread.

    While one runs, only the newest other one waits.
    """

    def __init__(self, node: Node) -> None:
        self._guard = node.create_guard_condition(self._deliver)
        self._running: _Job[Any] | None = None
        self._waiting: _Job[Any] | None = None
        self._thread: threading.Thread | None = None

    def submit(self, work: Callable[[], Result], done: Callable[[Result | None, Exception | None], None]) -> None:
        """Do `work` in the thread, then `done` with its result or its error in the executor's."""
        if self._waiting is not None:
            self._waiting.refuse(ConfigurationError("a newer request took its place", remedy="wait for that one"))
        self._waiting = _Job(work, done)
        if self._running is None:
            self._start()

    def close(self) -> None:
        """Wait for the running job and forget everything."""
        jobs = [job for job in (self._running, self._waiting) if job is not None]
        if self._thread is not None:
            self._thread.join()
        self._running = self._waiting = self._thread = None
        for job in jobs:
            job.refuse(ConfigurationError("the node was cleaned up meanwhile", remedy="configure it again"))

    def _start(self) -> None:
        job = self._running = self._waiting
        self._waiting = None
        if job is None:
            return

        def work() -> None:
            job.run()
            self._guard.trigger()

        self._thread = threading.Thread(target=work, name="omnibind loader", daemon=True)
        self._thread.start()

    def _deliver(self) -> None:
        if self._thread is None or self._running is None:
            return  # closed meanwhile
        self._thread.join()
        job = self._running
        self._start()
        job.deliver()
