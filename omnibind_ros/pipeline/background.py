"""Executors for what takes long: beside the worker in a thread, or at once where no time passes meanwhile."""

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future
from functools import partial
from typing import Any, ParamSpec, TypeVar

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


class Inline(Executor):
    """Does every job when it is submitted: for replay and training, where nothing else waits."""

    def submit(
        self, job: Callable[Parameters, Result], /, *arguments: Parameters.args, **named: Parameters.kwargs
    ) -> Future[Result]:
        """Do the job; its future is done."""
        future: Future[Result] = Future()
        _do(future, partial(job, *arguments, **named))
        return future


class Lanes(Executor):
    """So many jobs at a time, in the order in which they came; a thread lives only as long as there are any for it.

    on_done: called, in its thread, after each job.
    """

    def __init__(self, name: str, width: int, on_done: Callable[[], None]) -> None:
        self._name = name
        self._width = width
        self._on_done = on_done
        self._lock = threading.Lock()
        self._waiting: deque[tuple[Future[Any], Callable[[], Any]]] = deque()
        self._threads: set[threading.Thread] = set()

    def submit(
        self, job: Callable[Parameters, Result], /, *arguments: Parameters.args, **named: Parameters.kwargs
    ) -> Future[Result]:
        """Do the job as soon as there is a lane for it."""
        future: Future[Result] = Future()
        with self._lock:
            self._waiting.append((future, partial(job, *arguments, **named)))
            if len(self._threads) < self._width:
                thread = threading.Thread(target=self._work, name=self._name, daemon=True)
                self._threads.add(thread)
                thread.start()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Wait for all jobs, or for those that run if the others are cancelled."""
        with self._lock:
            if cancel_futures:
                for future, _ in self._waiting:
                    future.cancel()
            threads = list(self._threads)
        for thread in threads if wait else ():
            thread.join()

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._threads.discard(threading.current_thread())
                    return
                future, job = self._waiting.popleft()
            if future.set_running_or_notify_cancel():
                _do(future, job)
            del future, job  # what a job holds is not held until the next one comes
            self._on_done()


def discard(future: Future[Any]) -> None:
    """Cancel a job; if it runs already, what comes of it is closed as soon as it does."""
    if not future.cancel():
        future.add_done_callback(_close_result)


def _close_result(future: Future[Any]) -> None:
    result = None if future.cancelled() or future.exception() else future.result()
    if result is not None:
        result.close()


def _do(future: Future[Result], job: Callable[[], Result]) -> None:
    try:
        result = job()
    except BaseException as error:  # handed on to whoever waits for the future
        future.set_exception(error)
    else:
        future.set_result(result)
