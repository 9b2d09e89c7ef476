"""Processes that are watched, killed and started again, as `ros2 launch` does it with `respawn`."""

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rig.shared_memory import segments_of

STOP_LIMIT_S = 10.0


@dataclass(frozen=True, slots=True)
class End:
    """A process ended on its own or was killed: when (monotonic seconds) and with which code."""

    time_s: float
    returncode: int


class SupervisedProcess:
    """A program in a process group of its own; whenever it ends before `stop`, it is started again.

    Args:
        command: Program and arguments.
        log: File that takes its output, that of every start after the other.
        environment: Changes to this process's environment.
        cores: Processor cores it may use; None for all.
        respawn_after_s: Pause between an end and the next start.
    """

    def __init__(
        self,
        command: Sequence[str],
        log: Path,
        *,
        environment: Mapping[str, str] | None = None,
        cores: frozenset[int] | None = None,
        respawn_after_s: float = 0.1,
    ) -> None:
        self.log = log
        self.starts_s: list[float] = []
        self.ends: list[End] = []
        self.kills = 0
        self.segments: set[Path] = set()
        self._command = list(command)
        self._environment = {**os.environ, **(environment or {})}
        self._cores = cores
        self._respawn_after_s = respawn_after_s
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._supervise, name=f"supervisor of {log.stem}", daemon=True)
        self._thread.start()

    @property
    def pid(self) -> int | None:
        """Its process id, None while it is not running."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    @property
    def said(self) -> str:
        """All it has written so far."""
        return self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""

    def kill(self) -> float:
        """End it without warning; returns the monotonic time of that moment. It will be started again."""
        with self._lock:
            self.kills += 1
            killed_s = time.monotonic()
            self._signal(signal.SIGKILL)
        return killed_s

    def stop(self) -> int | None:
        """End it for good, politely first; its exit status, None when it was not running."""
        with self._lock:
            self._stopping.set()
            process = self._process
            self._signal(signal.SIGINT)
        if process is not None:
            try:
                process.wait(STOP_LIMIT_S)
            except subprocess.TimeoutExpired:
                self._signal(signal.SIGKILL)
        self._thread.join()
        return process.returncode if process is not None else None

    def _signal(self, number: int) -> None:
        process = self._process
        if process is not None and process.poll() is None:
            # A process that is killed leaves its shared memory behind; somebody must know what was its own.
            self.segments |= segments_of(process.pid)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, number)

    def _supervise(self) -> None:
        if self._cores is not None:
            os.sched_setaffinity(0, self._cores)  # of this thread, and so of every process it starts
        while True:
            with self._lock:
                if self._stopping.is_set():
                    return
                self.starts_s.append(time.monotonic())
                with self.log.open("ab") as log:
                    self._process = process = subprocess.Popen(
                        self._command,
                        stdin=subprocess.DEVNULL,
                        stdout=log,
                        stderr=subprocess.STDOUT,
                        env=self._environment,
                        start_new_session=True,
                    )
            returncode = process.wait()
            self.ends.append(End(time.monotonic(), returncode))
            if self._stopping.wait(self._respawn_after_s):
                return
