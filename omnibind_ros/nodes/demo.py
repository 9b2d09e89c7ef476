"""The demo: simulated sensors come, go, freeze and lie while the perception node recognises; ends with a picture.

Run it with `make demo`, or `ros2 run omnibind_ros demo --seed 7` on a robot.
"""

import argparse
import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import rclpy
from diagnostic_msgs.msg import DiagnosticArray
from rcl_interfaces.srv import SetParameters
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.parameter import Parameter
from rclpy.qos import QoSProfile
from rclpy.utilities import try_shutdown
from rich.console import Console
from rich.live import Live
from sensor_msgs.msg import PointCloud2
from vision_msgs.msg import Classification

from omnibind_ros.demo.picture import save_timeline
from omnibind_ros.demo.record import HEALTHY, DemoRecord, Recognised, summary
from omnibind_ros.demo.table import Moment, render
from omnibind_ros.errors import ConfigurationError, OmnibindError
from omnibind_ros.inference.bundle import load_bundle
from omnibind_ros.messages.header import stamp_ns_of
from omnibind_ros.modality import Modality
from omnibind_ros.nodes.sensor_simulator import NO_FAULT
from omnibind_ros.pipeline.resources import bundle_folder, share_folder
from omnibind_ros.simulation.faults import Fault
from omnibind_ros.simulation.script import Script, Show
from omnibind_ros.simulation.sensors import MODALITIES, SENSORS, Sensor

START_LIMIT_S = 60.0
ACCURACY_TO_PASS = 0.7
GAP_TO_PASS_S = 1.0


class DemoNode(Node):
    """Plays the script on the simulator and records what the perception node makes of it."""

    def __init__(self, script: Script, sensors: tuple[Sensor, ...]) -> None:
        super().__init__("demo")
        self.record = DemoRecord(sensors)
        self.sources: dict[str, dict[str, str]] = {}
        self.used: set[Sensor] = set()
        self.happenings: deque[str] = deque(maxlen=4)
        self.first_recognition_s: float | None = None
        self._script = script
        self._shown: Show | None = None
        self._start_ns = 0
        self._simulator = self.create_client(SetParameters, "sensor_simulator/set_parameters")
        results = QoSProfile(depth=50)
        self.create_subscription(Classification, "recognition", self._recognised, results)
        self.create_subscription(DiagnosticArray, "sources", self._reported, results)
        for sensor in sensors:
            self.create_subscription(PointCloud2, f"embedding/{sensor}", partial(self._embedded, sensor), results)

    @property
    def ready(self) -> bool:
        """Whether the simulator takes orders and the perception node reports."""
        return self._simulator.service_is_ready() and bool(self.sources)

    def begin(self) -> None:
        """The script starts now."""
        self._start_ns = self.get_clock().now().nanoseconds

    def now_s(self) -> float:
        """Seconds since the script's start."""
        return (self.get_clock().now().nanoseconds - self._start_ns) / 1e9

    def play(self) -> None:
        """Do what the script says is due. What happens counts from the moment the simulator is asked for it."""
        now_s = self.now_s()
        show = self._script.show_at(now_s)
        if show is not self._shown:
            self._shown = show
            self._set(
                Parameter("object", Parameter.Type.STRING, show.label),
                Parameter("object_seed", Parameter.Type.INTEGER, show.seed),
            )
            self.record.truth.set(now_s, show.label)
        for sensor in self._script.sensors:
            fault = self._script.fault_at(sensor, now_s)
            condition = fault.value if fault else HEALTHY
            if condition != self.record.sensors[sensor].at(now_s):
                name = fault.value if fault else NO_FAULT
                self._set(Parameter(f"{sensor}.fault", Parameter.Type.STRING, name))
                self.record.sensor_set(sensor, condition, now_s)
                self.happenings.append(f"{now_s:5.1f} s  {sensor}: {condition}")

    def moment(self) -> Moment:
        """What the table shows now."""
        now_s = self.now_s()
        newest = self.record.recognised[-1] if self.record.recognised else None
        return Moment(
            title=f"omnibind_ros demo, {now_s:4.1f} s",
            truth=self.record.truth.at(now_s) or "",
            label=newest.label if newest else "",
            score=newest.score if newest else 0.0,
            conditions={source: lane.at(now_s) or "" for source, lane in self.record.sensors.items()},
            sources=self.sources,
            happenings=tuple(self.happenings),
        )

    def _set(self, *parameters: Parameter) -> None:
        messages = [parameter.to_parameter_msg() for parameter in parameters]
        self._simulator.call_async(SetParameters.Request(parameters=messages))

    def _recognised(self, message: Classification) -> None:
        if self.first_recognition_s is None:
            self.first_recognition_s = time.monotonic()
        seen_s = ((stamp_ns_of(message) or 0) - self._start_ns) / 1e9
        best = message.results[0]
        self.record.recognised.append(Recognised(best.class_id, best.score, seen_s, self.now_s()))

    def _reported(self, message: DiagnosticArray) -> None:
        for status in message.status:
            values = {entry.key: entry.value for entry in status.values}
            self.sources[status.name] = values
            used = values["weight"] != ""
            self.record.reported(status.name, values["state"], used=used, time_s=self.now_s())

    def _embedded(self, source: Sensor, _: PointCloud2) -> None:
        self.used.add(source)
        self.record.embedded(source, self.now_s())


def main(arguments: list[str] | None = None) -> None:
    """Entry point of `ros2 run omnibind_ros demo`."""
    options = _parse(arguments)
    # A world of its own: the demo must neither see nor disturb a robot on the same network.
    os.environ.setdefault("ROS_AUTOMATIC_DISCOVERY_RANGE", "LOCALHOST")
    os.environ.setdefault("ROS_DOMAIN_ID", str(1 + secrets.randbelow(100)))
    for variable in ("FASTRTPS_DEFAULT_PROFILES_FILE", "FASTDDS_DEFAULT_PROFILES_FILE"):
        os.environ.setdefault(variable, str(share_folder() / "config" / "fastdds_large_messages.xml"))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    rclpy.init(args=[])
    try:
        figures = _run(options)
    except KeyboardInterrupt:
        sys.exit(130)
    except OmnibindError as error:
        sys.exit(f"demo: {error}")
    finally:
        try_shutdown()
    print(json.dumps(figures))
    sys.exit(0 if _passed(figures) else 1)


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="demo",
        description=__doc__.splitlines()[0] if __doc__ else None,
        epilog="exit status: 0 when it recognised well; 1 when not, or it could not run; 2 for a wrong argument",
    )
    parser.add_argument("--seed", type=int, default=0, help="which simulated world and script (default 0)")
    parser.add_argument("--duration", type=float, default=30.0, help="seconds of the script (default 30)")
    parser.add_argument("--bundle", default="omnibind-sim", help="name of a shipped bundle, or a folder")
    parser.add_argument(
        "--output", type=Path, default=Path("build/demo"), help="folder for timeline.png (default build/demo)"
    )
    return parser.parse_args(arguments)


def _run(options: argparse.Namespace) -> dict[str, object]:
    bundle = load_bundle(bundle_folder(options.bundle))
    sensors = tuple(sensor for sensor in SENSORS if Modality(MODALITIES[sensor]) in bundle.modalities)
    options.output.mkdir(parents=True, exist_ok=True)
    node = DemoNode(Script.make(options.seed, options.duration, sensors), sensors)
    executor = SingleThreadedExecutor()
    executor.add_node(node)
    absent = [f"{sensor}.fault:={Fault.UNPLUG.value}" for sensor in sensors]
    configuration = share_folder() / "config" / "perception.yaml"
    with ExitStack() as stack:
        simulator = [f"seed:={options.seed}", f"sensors:=[{', '.join(sensors)}]", *absent]
        perception = ["--params-file", str(configuration), *_parameters([f"bundle:={options.bundle}"])]
        started_s = time.monotonic()
        processes = [
            stack.enter_context(_started("perception", options.output, perception)),
            stack.enter_context(_started("sensor_simulator", options.output, _parameters(simulator))),
        ]
        _wait_until_ready(node, executor, processes, options.output)
        node.begin()
        with Live(console=Console(stderr=True), refresh_per_second=8, transient=False) as live:
            while node.now_s() < options.duration:
                node.play()
                executor.spin_once(timeout_sec=0.02)
                live.update(render(node.moment()))
    figures = summary(
        node.record,
        labels=len(bundle.description.labels.names),
        modalities={sensor: MODALITIES[sensor] for sensor in node.used},
        end_s=options.duration,
        start_to_first_s=(node.first_recognition_s or time.monotonic()) - started_s,
    )
    title = (
        f"{figures['labels']} objects, {figures['recognitions']} recognitions: accuracy {figures['accuracy']:.0%}, "
        f"longest gap {figures['longest_gap_s']:.2f} s"
    )
    picture = options.output / "timeline.png"
    save_timeline(node.record, picture, end_s=options.duration, title=title)
    # On a line of its own, also where no terminal ends that of the table.
    print(f"\npicture: {picture}", file=sys.stderr, flush=True)
    return figures


def _parameters(assignments: list[str]) -> list[str]:
    return [word for assignment in assignments for word in ("-p", assignment)]


@contextmanager
def _started(module: str, output: Path, ros_arguments: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    """One of our executables as a process of its own while the context lasts; its log goes to a file."""
    command = [sys.executable, "-m", f"omnibind_ros.nodes.{module}", "--ros-args", *ros_arguments]
    with (output / f"{module}.log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)  # noqa: S603 (our own modules)
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_until_ready(
    node: DemoNode, executor: SingleThreadedExecutor, processes: list[subprocess.Popen[bytes]], output: Path
) -> None:
    until_s = time.monotonic() + START_LIMIT_S
    while not node.ready:
        if time.monotonic() > until_s or any(process.poll() is not None for process in processes):
            raise ConfigurationError("the nodes did not start", remedy=f"read the logs in {output}")
        executor.spin_once(timeout_sec=0.1)


def _passed(figures: dict[str, object]) -> bool:
    """Whether the robot really recognised."""
    accuracy, gap_s = float(str(figures["accuracy"])), float(str(figures["longest_gap_s"]))
    return bool(figures["recognitions"]) and accuracy >= ACCURACY_TO_PASS and gap_s <= GAP_TO_PASS_S


if __name__ == "__main__":
    main()
