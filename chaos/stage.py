"""The stage of one scenario: the rig with the simulated sensors, and the judgement of what was seen."""

import math
import re
import signal
import time
from collections.abc import Iterable, Mapping
from typing import Any

from chaos.findings import Findings
from chaos.measurements import first_after, longest_gap_s, lost_sources
from omnibind_ros.fusion.source_state import SourceState
from omnibind_ros.nodes.sensor_simulator import DRIVERS
from omnibind_ros.simulation.sensors import MODALITIES, Sensor
from rig.processes import SupervisedProcess
from rig.rig import MOMENT_S, START_LIMIT_S, Rig

TTL_S = 0.5
# A hint is worth more than a moment, as in config/perception.yaml.
TTL_OF_S: dict[Sensor, float] = {"prompt": 3.0}


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


class Stage(Rig):
    """Where a scenario plays."""

    def start_perception(self, sources: Mapping[str, Sensor], **options: Any) -> SupervisedProcess:
        """The composed node with these sources; options are those of `start_node`, `parameters` come on top."""
        parameters = {**source_parameters(sources), **options.pop("parameters", {})}
        return self.start_node("perception", parameters, **options)

    def start_recorder(self, *topics: str) -> SupervisedProcess:
        """The package's recorder of these topics; its bag is `bag` in the stage's folder, whole when it is stopped."""
        return self.start_driver("omnibind_ros.nodes.record", [*topics, "-o", str(self.folder / "bag")], "record")

    def simulate(self, *sensors: Sensor, respawn_after_s: float = 0.1) -> SupervisedProcess:
        """A process of the package's simulator with these sensors; its node is named `<first sensor>_driver`."""
        name = f"{sensors[0]}_driver"
        arguments = ["--ros-args", "-r", f"__node:={name}", "-p", f"sensors:=[{', '.join(sensors)}]"]
        return self.start_driver("chaos.simulated_sensor", arguments, name, respawn_after_s)

    def drive(self, sources: Mapping[str, Sensor], *options: str, **process_options: Any) -> SupervisedProcess:
        """A process of the suite's own driver for these sources; `options` are those of `python -m chaos.driver`."""
        arguments = [f"{sensor}={topic_of(source, sensor)}" for source, sensor in sources.items()]
        name = f"{next(iter(sources))}_driver_{len(self.drivers)}"
        return self.start_driver("chaos.driver", [*arguments, *options], name, **process_options)

    def kill_node(self, name: str = "perception") -> float:
        """SIGKILL one of the package's nodes, which will be started again; the monotonic time of that moment."""
        return self.nodes[name].kill()

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
            lambda: all(self.observer.state(source) != SourceState.LIVE for source in sources),
            MOMENT_S,
            f"{', '.join(sources)} are left out",
        )

    def wait_until_used(self, source: str, after_s: float) -> float:
        """Wait for the first embedding of a source after a time; returns when it came."""
        embedded_s = self.observer.embedded_s[source]
        self.wait(lambda: first_after(embedded_s, after_s), MOMENT_S, f"{source} is used")
        return first_after(embedded_s, after_s) or math.inf

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

    def end_nodes(self, findings: Findings) -> None:
        """End the robot's nodes, and note the ones that crashed, hung or logged a mistake of their own."""
        for name, node in self.nodes.items():
            crashes = [end for end in node.ends if end.returncode != -signal.SIGKILL]
            findings.expect(not crashes, f"{name} ended by itself: {[end.returncode for end in crashes]}")
            killed = len(node.ends) - len(crashes)
            findings.expect(killed <= node.kills, f"{name} was killed, and not by the scenario: out of memory?")
            findings.expect(node.stop() == 0, f"{name} did not end cleanly when told to")
            for mistake in ("Traceback", "[FATAL]", "it is our mistake"):
                findings.expect(mistake not in node.said, f"{name} logged {mistake!r}, see {node.log}")


def _plugged_s(driver: SupervisedProcess) -> list[float]:
    return [float(found) for found in re.findall(r"^plugged ([0-9.]+)$", driver.said, re.MULTILINE)]
