"""The stage of one scenario: a DDS domain, the robot's node, its drivers, and an observer; all gone when it closes."""

import math
import re
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

from chaos import shared_memory
from chaos.findings import Findings
from chaos.measurements import LIVE, first_after, longest_gap_s, lost_sources
from chaos.observer import Observer
from chaos.proc import ProcessFigures, figures_of
from chaos.processes import SupervisedProcess
from omnibind_ros.nodes.sensor_simulator import DRIVERS
from omnibind_ros.simulation.sensors import MODALITIES, Sensor

START_LIMIT_S = 60.0
# Within this, whatever the robot does of itself happens.
MOMENT_S = 10.0
POLL_S = 0.005
TTL_S = 0.5
# A hint is worth more than a moment, as in config/perception.yaml.
TTL_OF_S: dict[Sensor, float] = {"prompt": 3.0}


class WaitedInVainError(Exception):
    """Something that must happen did not."""


def topic_of(source: str, sensor: Sensor) -> str:
    """The topic of a source: the simulator's own where the source is named like the sensor."""
    return DRIVERS[sensor].topic if source == sensor else f"{source}/data"


def source_parameters(sources: Mapping[str, Sensor]) -> dict[str, Any]:
    """Parameters of the node for sources, by name, and the sensors they are."""
    return {
        "sources": list(sources),
        **{
            source: {
                "modality": MODALITIES[sensor],
                "topic": topic_of(source, sensor),
                "ttl": TTL_OF_S.get(sensor, TTL_S),
            }
            for source, sensor in sources.items()
        },
    }


class Stage:
    """Where a scenario plays.

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
        self._nodes: dict[str, SupervisedProcess] = {}
        self._kills: dict[str, int] = {}
        self._drivers: list[SupervisedProcess] = []

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
        self._nodes[name] = process
        self._kills[name] = 0
        return process

    def start_perception(self, sources: Mapping[str, Sensor], **options: Any) -> SupervisedProcess:
        """The composed node with these sources; options are those of `start_node`, `parameters` come on top."""
        parameters = {**source_parameters(sources), **options.pop("parameters", {})}
        return self.start_node("perception", parameters, **options)

    def start_recorder(self, *topics: str) -> SupervisedProcess:
        """The package's recorder of these topics; its bag is `bag` in the stage's folder, whole when it is stopped."""
        return self._start_driver("omnibind_ros.nodes.record", [*topics, "-o", str(self.folder / "bag")], "record")

    def simulate(self, *sensors: Sensor, respawn_after_s: float = 0.1) -> SupervisedProcess:
        """A process of the package's simulator with these sensors; its node is named `<first sensor>_driver`."""
        name = f"{sensors[0]}_driver"
        arguments = ["--ros-args", "-r", f"__node:={name}", "-p", f"sensors:=[{', '.join(sensors)}]"]
        return self._start_driver("chaos.simulated_sensor", arguments, name, respawn_after_s)

    def drive(self, sources: Mapping[str, Sensor], *options: str, **process_options: Any) -> SupervisedProcess:
        """A process of the suite's own driver for these sources; `options` are those of `python -m chaos.driver`."""
        arguments = [f"{sensor}={topic_of(source, sensor)}" for source, sensor in sources.items()]
        name = f"{next(iter(sources))}_driver_{len(self._drivers)}"
        return self._start_driver("chaos.driver", [*arguments, *options], name, **process_options)

    def _start_driver(
        self,
        module: str,
        arguments: Sequence[str],
        name: str,
        respawn_after_s: float = 0.1,
        cores: frozenset[int] | None = None,
    ) -> SupervisedProcess:
        process = SupervisedProcess(
            [sys.executable, "-m", module, *arguments],
            self.folder / f"{name}.log",
            environment=self._environment,
            cores=cores,
            respawn_after_s=respawn_after_s,
        )
        self._drivers.append(process)
        return process

    def kill_node(self, name: str = "perception") -> float:
        """SIGKILL one of the package's nodes, which will be started again; the monotonic time of that moment."""
        self._kills[name] += 1
        return self._nodes[name].kill()

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

    def wait_for_recognitions(self, count: int) -> None:
        """Wait until something was recognised so many times from now on."""
        wanted = len(self.observer.recognised_s) + count
        self.wait(lambda: len(self.observer.recognised_s) >= wanted, MOMENT_S, f"{count} recognitions came")

    def wait_for_state(self, source: str, state: str) -> float:
        """Wait until the robot says this of a source; returns that time."""
        return self.wait(lambda: self.observer.state(source) == state, MOMENT_S, f"{source} is {state}")

    def wait_until_left_out(self, *sources: str) -> float:
        """Wait until none of these is live; returns that time."""
        return self.wait(
            lambda: all(self.observer.state(source) != LIVE for source in sources),
            MOMENT_S,
            f"{', '.join(sources)} are left out",
        )

    def wait_until_used(self, source: str, after_s: float) -> float:
        """Wait for the first embedding of a source after a time; returns when it came."""
        embedded_s = self.observer.embedded_s[source]
        self.wait(lambda: first_after(embedded_s, after_s), MOMENT_S, f"{source} is used")
        return first_after(embedded_s, after_s) or math.inf

    def set_parameter(self, node: str, name: str, value: Any) -> float:
        """Send a parameter to a node as soon as it can hear; returns when it was sent."""
        return self.wait(lambda: self.observer.set_parameter(node, name, value), MOMENT_S, f"{node} can be heard")

    def wait_until_plugged(self, driver: SupervisedProcess, *, times: int = 1) -> float:
        """Wait until a driver's sensors can be heard, for the `times`-th time; returns since when."""
        self.wait(lambda: len(_plugged_s(driver)) >= times, START_LIMIT_S, f"{driver.log.stem} has started")
        return _plugged_s(driver)[times - 1]

    def subscribers(self, source: str, sensor: Sensor) -> list[str]:
        """The names of the nodes that subscribe to a source's topic, one entry a subscription."""
        found = self.observer.node.get_subscriptions_info_by_topic(
            self.observer.node.resolve_topic_name(topic_of(source, sensor))
        )
        return [one.node_name for one in found]

    def watch(self, seconds: float, process: SupervisedProcess, *, every_s: float = 0.5) -> list[ProcessFigures]:
        """Let time pass, and take the figures of a process meanwhile."""
        figures = []
        until_s = time.monotonic() + seconds
        while time.monotonic() < until_s:
            if (pid := process.pid) is not None:
                figures.append(figures_of(pid))
            time.sleep(every_s)
        return figures

    def judge(self, findings: Findings, healthy: Iterable[str], start_s: float, end_s: float | None = None) -> None:
        """Note the longest gap and the lost sources of a span in which these sources were healthy."""
        end_s = time.monotonic() if end_s is None else end_s
        findings.gap(longest_gap_s(self.observer.recognised_s, start_s, end_s))
        self.judge_lost(findings, healthy, start_s, end_s)

    def judge_lost(self, findings: Findings, healthy: Iterable[str], start_s: float, end_s: float) -> None:
        """Note the lost sources of a span in which these sources were healthy, and what became of them."""
        lost = lost_sources(self.observer.states, healthy, start_s, end_s)
        findings.lost(lost)
        for source in lost:
            lane = self.observer.states.get(source)
            changes = lane.changes[-4:] if lane else []
            told = ", ".join(f"{state} at {time_s - start_s:.1f} s" for time_s, state in changes)
            findings.notes.append(f"{source} of {end_s - start_s:.1f} s: {told or 'never reported'}")

    def told(self) -> str:
        """What the robot said last of its sources, for messages."""
        reasons = self.observer.reasons
        return ", ".join(f"{one} is {self.observer.state(one)}: {reasons[one]}" for one in reasons) or "no reports"

    def end_nodes(self, findings: Findings) -> None:
        """End the robot's nodes, and note the ones that crashed, hung or logged a mistake of their own."""
        for name, node in self._nodes.items():
            crashes = [end for end in node.ends if end.returncode != -signal.SIGKILL]
            findings.expect(not crashes, f"{name} ended by itself: {[end.returncode for end in crashes]}")
            killed = len(node.ends) - len(crashes)
            findings.expect(killed <= self._kills[name], f"{name} was killed, and not by the scenario: out of memory?")
            findings.expect(node.stop() == 0, f"{name} did not end cleanly when told to")
            for mistake in ("Traceback", "[FATAL]", "it is our mistake"):
                findings.expect(mistake not in node.said, f"{name} logged {mistake!r}, see {node.log}")

    def close(self) -> None:
        """End everything that was started here; what is asked for meanwhile (Ctrl-C) waits."""
        with _uninterrupted():
            processes = [*self._nodes.values(), *self._drivers]
            with ThreadPoolExecutor() as pool:
                list(pool.map(SupervisedProcess.stop, processes))
            self.observer.close()
            shared_memory.remove(segment for process in processes for segment in process.segments)
            shared_memory.remove(shared_memory.ports_of(self._domain))


def _plugged_s(driver: SupervisedProcess) -> list[float]:
    return [float(found) for found in re.findall(r"^plugged ([0-9.]+)$", driver.said, re.MULTILINE)]


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
