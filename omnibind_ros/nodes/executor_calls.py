"""Lets another thread have things done in the executor's."""

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from rclpy.node import Node

Result = TypeVar("Result")


class ExecutorCalls:
    """Whatever is submitted is done in the thread that spins the node, in the order it came."""

    def __init__(self, node: Node) -> None:
        self._waiting: deque[tuple[Callable[[], Any], Future[Any]]] = deque()
        self._lock = threading.Lock()
        self._closed = False
        self._guard = node.create_guard_condition(self._do)

    def submit(self, action: Callable[[], Result]) -> "Future[Result]":
        """Do something; the future gets its result or its error, and is cancelled when the node ends before."""
        outcome: Future[Result] = Future()
        with self._lock:
            if self._closed:
                outcome.cancel()
                return outcome
            self._waiting.append((action, outcome))
            self._guard.trigger()
        return outcome

    def close(self) -> None:
        """Cancel what waits, and take nothing more."""
        with self._lock:
            self._closed = True
        while self._waiting:
            self._waiting.popleft()[1].cancel()

    def _do(self) -> None:
        while self._waiting:
            action, outcome = self._waiting.popleft()
            if not outcome.set_running_or_notify_cancel():
                continue
            try:
                outcome.set_result(action())
            except Exception as error:  # whoever submitted it is to know
                outcome.set_exception(error)
