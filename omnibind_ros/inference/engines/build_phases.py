"""How far a build is, from the nested phases that TensorRT tells of."""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock


@dataclass(slots=True)
class _Phase:
    parent: str | None
    steps: int
    done: int = 0


class BuildPhases:
    """Calls `report` with the share of the outermost phase that is done whenever it grew by a percent. Thread-safe."""

    def __init__(self, report: Callable[[float], None]) -> None:
        self._report = report
        self._phases: dict[str, _Phase] = {}
        self._reported = 0.0
        self._lock = Lock()

    def started(self, name: str, parent: str | None, steps: int) -> None:
        """A phase of so many steps began within another one."""
        with self._lock:
            self._phases[name] = _Phase(parent, max(1, steps))

    def step_done(self, name: str, step: int) -> None:
        """The step of that number, counted from 0, is done. What `report` raises is raised here."""
        with self._lock:
            if name not in self._phases:
                return
            self._phases[name].done = step + 1
            share = self._share(name)
            if share < self._reported + 0.01:
                return
            self._reported = share
        self._report(share)

    def finished(self, name: str) -> None:
        """A phase is over."""
        with self._lock:
            self._phases.pop(name, None)

    def _share(self, name: str) -> float:
        phase = self._phases[name]
        share = min(1.0, phase.done / phase.steps)
        while phase.parent in self._phases:  # an inner phase is part of the step its parent is at
            phase = self._phases[phase.parent]
            share = min(1.0, (phase.done + share) / phase.steps)
        return share
