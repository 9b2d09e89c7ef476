"""The rig of one scenario or measurement: a ROS domain, nodes, drivers and an observer; all gone when it closes."""

import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml
from typing_extensions import Self

from rig import shared_memory
from rig.observer import Observer
from rig.proc import ProcessFigures, figures_of
from rig.processes import SupervisedProcess

START_LIMIT_S = 60.0
# Within this, whatever the robot does of itself happens.
MOMENT_S = 10.0
POLL_S = 0.005


class WaitedInVainError(Exception):
    """Something that must happen did not."""


class Rig:
    """What is under test, and what it is tested with.

    Args:
        folder: For logs and parameter files; what it held before is removed.
        domain: ROS domain of its own.
        bundle: Folder of the bundle that the robot uses.
        embeddings_of: Sources whose embeddings the observer listens to.
    """

    def __init__(self, folder: Path, *, domain: int, bundle: Path, embeddings_of: Iterable[str] = ()) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self.folder = folder
        self.bundle = bundle
        self.observer = Observer(domain, embeddings_of)
        self._domain = domain
        self._environment = {"ROS_DOMAIN_ID": str(domain), "OMP_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1"}
        self.nodes: dict[str, SupervisedProcess] = {}
        self.drivers: list[SupervisedProcess] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start_node(
        self,
        program: str,
        parameters: Mapping[str, Any],
        *,
        name: str | None = None,
        prefix: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
        cores: frozenset[int] | None = None,
    ) -> SupervisedProcess:
        """One of the package's programs, with parameters; `prefix`: what it is started through."""
        name = name or program
        file = self.folder / f"{name}.yaml"
        file.write_text(
            yaml.safe_dump({"/**": {"ros__parameters": {"bundle": str(self.bundle), **parameters}}}), encoding="utf-8"
        )
        command = [sys.executable, "-m", f"omnibind_ros.nodes.{program}", "--ros-args", "--params-file", str(file)]
        if name != program:
            command += ["-r", f"__node:={name}"]
        process = SupervisedProcess(
            [*prefix, *command],
            self.folder / f"{name}.log",
            environment={**self._environment, **(environment or {})},
            cores=cores,
        )
        self.nodes[name] = process
        return process

    def start_driver(
        self,
        module: str,
        arguments: Sequence[str],
        name: str,
        respawn_after_s: float = 0.1,
        cores: frozenset[int] | None = None,
    ) -> SupervisedProcess:
        """A program that plays sensors or writes down what they send: a module with arguments."""
        process = SupervisedProcess(
            [sys.executable, "-m", module, *arguments],
            self.folder / f"{name}.log",
            environment=self._environment,
            cores=cores,
            respawn_after_s=respawn_after_s,
        )
        self.drivers.append(process)
        return process

    def wait(self, condition: Callable[[], Any], limit_s: float, what: str) -> float:
        """Wait until it holds, and return that monotonic time; raises WaitedInVainError."""
        until_s = time.monotonic() + limit_s
        while not condition():
            if time.monotonic() > until_s:
                raise WaitedInVainError(f"waited {limit_s:g} s in vain until {what}; {self.told()}")
            time.sleep(POLL_S)
        return time.monotonic()

    def wait_until_live(self, *sources: str, limit_s: float = START_LIMIT_S) -> float:
        """Wait until all of these are live and something is recognised; returns that time."""
        seen = len(self.observer.recognised_s)
        self.wait(lambda: self.observer.is_live(*sources), limit_s, f"{', '.join(sources)} are live")
        return self.wait(lambda: len(self.observer.recognised_s) > seen, limit_s, "something is recognised")

    def set_parameter(self, node: str, name: str, value: Any) -> float:
        """Send a parameter to a node as soon as it can hear; returns when it was sent."""
        return self.wait(lambda: self.observer.set_parameter(node, name, value), MOMENT_S, f"{node} can be heard")

    def watch(self, seconds: float, process: SupervisedProcess, *, every_s: float = 0.5) -> list[ProcessFigures]:
        """Let time pass, and take the figures of a process meanwhile."""
        figures = []
        until_s = time.monotonic() + seconds
        while time.monotonic() < until_s:
            if (pid := process.pid) is not None:
                figures.append(figures_of(pid))
            time.sleep(every_s)
        return figures

    def told(self) -> str:
        """What the robot said last of its sources, for messages."""
        reasons = self.observer.reasons
        return ", ".join(f"{one} is {self.observer.state(one)}: {reasons[one]}" for one in reasons) or "no reports"

    def close(self) -> None:
        """End everything that was started here; what is asked for meanwhile (Ctrl-C) waits."""
        with _uninterrupted():
            processes = [*self.nodes.values(), *self.drivers]
            with ThreadPoolExecutor() as pool:
                list(pool.map(SupervisedProcess.stop, processes))
            self.observer.close()
            shared_memory.remove(segment for process in processes for segment in process.segments)
            shared_memory.remove(shared_memory.ports_of(self._domain))


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Hold SIGINT and SIGTERM back while the context lasts: what was started must be ended."""
    seen: list[int] = []
    before = [
        (number, signal.signal(number, lambda received, _: seen.append(received)))
        for number in (signal.SIGINT, signal.SIGTERM)
    ]
    try:
        yield
    finally:
        for number, handler in before:
            signal.signal(number, handler)
        for received in seen:
            signal.raise_signal(received)
