"""How the builds of a bundle's engines are going: each transition in the log, all of it in the diagnostics."""

import threading
from typing import Any

from omnibind_ros.inference.engines.build_progress import BuildProgress, BuildState

_TOLD = {
    BuildState.WAITING: "another process builds engines, this one waits for it",
    BuildState.BUILDING: "its TensorRT engine is being built, meanwhile ONNX Runtime runs it",
    BuildState.READY: "its TensorRT engine is ready",
}


class BuildStatus:
    """Any thread may report and ask."""

    def __init__(self, logger: Any) -> None:
        self._logger = logger
        self._lock = threading.Lock()
        self._newest: dict[str, BuildProgress] = {}

    def report(self, progress: BuildProgress) -> None:
        """Note how a build is going; the log tells when its state is another one than before."""
        with self._lock:
            before = self._newest.get(progress.network)
            self._newest[progress.network] = progress
        if before is not None and (before.state, before.problem) == (progress.state, progress.problem):
            return
        if progress.state is BuildState.FAILED:
            self._logger.warning(f"{progress.network}: ONNX Runtime goes on running it: {progress.problem}")
        else:
            self._logger.info(f"{progress.network}: {_TOLD[progress.state]}")

    @property
    def failed(self) -> tuple[str, ...]:
        """The parts of the bundle whose engine could not be built or loaded."""
        return tuple(_part(one) for one in self._all() if one.state is BuildState.FAILED)

    def details(self) -> dict[str, str]:
        """For the diagnostics: the state of every engine that was asked for, with the share done or the problem."""
        return {f"{_part(one)}_engine": _text(one) for one in self._all()}

    def _all(self) -> list[BuildProgress]:
        with self._lock:
            return list(self._newest.values())


def _part(progress: BuildProgress) -> str:
    return progress.network.rpartition("/")[2]


def _text(progress: BuildProgress) -> str:
    if progress.state is BuildState.FAILED:
        return f"{progress.state.value}: {progress.problem}"
    if progress.state is BuildState.BUILDING:
        return f"{progress.state.value}, {progress.share:.0%}"
    return progress.state.value
