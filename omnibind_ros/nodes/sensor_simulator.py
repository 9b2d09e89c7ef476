"""The `sensor_simulator` node: publishes a simulated world as the drivers of real sensors would.

Every sensor can be unplugged, frozen, blinded or made to lie while it runs:
`ros2 param set /sensor_simulator camera.fault freeze`.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from audio_common_msgs.msg import AudioDataStamped
from event_camera_msgs.msg import EventPacket
from rcl_interfaces.msg import SetParametersResult
from rclpy.node import Node
from rclpy.parameter import Parameter
from rclpy.publisher import Publisher
from rclpy.qos import DurabilityPolicy, QoSProfile, qos_profile_sensor_data
from sensor_msgs.msg import Image, PointCloud2
from std_msgs.msg import String
from vision_msgs.msg import Classification, ObjectHypothesis

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.messages.evt3 import encode
from omnibind_ros.messages.header import set_header
from omnibind_ros.nodes.command_line import check_arguments
from omnibind_ros.nodes.driver_messages import (
    audio_message,
    events_message,
    image_message,
    points_message,
    text_message,
)
from omnibind_ros.nodes.parameters import declare, value
from omnibind_ros.nodes.process import run
from omnibind_ros.pipeline.parameters import NO_NAMES, ParameterSpec
from omnibind_ros.simulation.event_camera import EventBatch
from omnibind_ros.simulation.faults import Fault, Reading
from omnibind_ros.simulation.objects import HELD_OUT_SEED, LABELS
from omnibind_ros.simulation.sensors import (
    FRAME_RATE_HZ,
    LIDAR_RATE_HZ,
    SENSORS,
    SOUND_RATE_HZ,
    VIEW_HEIGHT,
    VIEW_WIDTH,
    Sensor,
)
from omnibind_ros.simulation.world import World

LARGEST_SEED = 2**31 - 1
PARAMETERS = (
    ParameterSpec(
        "seed",
        0,
        "Which world: objects, scenes and noise follow from it.",
        bounds=(0, LARGEST_SEED),
        takes_effect="at start",
    ),
    ParameterSpec("object", "", "Object in front of the sensors; empty for the world's first.", takes_effect="at once"),
    ParameterSpec(
        "object_seed",
        HELD_OUT_SEED,
        "Which instance of that object: size, colour, pose.",
        bounds=(0, LARGEST_SEED),
        takes_effect="at once",
    ),
    ParameterSpec("sensors", NO_NAMES, "Sensors this robot has; all when not given.", takes_effect="at start"),
)
NO_FAULT = "none"
FAULTS = (NO_FAULT, *(fault.value for fault in Fault))
FAULT = ParameterSpec("fault", NO_FAULT, "What is wrong with the sensor.", choices=FAULTS, takes_effect="at once")


@dataclass(frozen=True, slots=True)
class _Driver:
    """Topic, type and period of a sensor, and how a reading becomes a message.

    make: reading, stamp in nanoseconds, running number -> message.
    """

    topic: str
    message_type: type[Any]
    period_s: float
    make: Callable[[Any, int, int], Any]


def _events(batch: Any, stamp_ns: int, number: int) -> EventPacket:
    return events_message(
        encode(batch.x, batch.y, batch.t_us, batch.p).tobytes(),
        width=VIEW_WIDTH, height=VIEW_HEIGHT, sequence=number, stamp_ns=stamp_ns, frame_id="event",
    )  # fmt: skip


# Whoever comes later is told what is in front of the sensors, too.
LATCHED = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
FRAME_S = 1.0 / FRAME_RATE_HZ
DRIVERS: dict[Sensor, _Driver] = {
    "camera": _Driver("camera/image_raw", Image, FRAME_S, lambda rgb, ns, _: image_message(rgb, "rgb8", ns, "camera")),
    "thermal": _Driver(
        "thermal/image_raw", Image, FRAME_S, lambda counts, ns, _: image_message(counts, "mono16", ns, "thermal")
    ),
    "event": _Driver("event/events", EventPacket, FRAME_S, _events),
    "touch": _Driver("touch/image_raw", Image, FRAME_S, lambda rgb, ns, _: image_message(rgb, "rgb8", ns, "touch")),
    "microphone": _Driver(
        "microphone/audio_stamped", AudioDataStamped, 0.1, lambda heard, ns, _: audio_message(heard, ns, "microphone")
    ),
    "lidar": _Driver(
        "lidar/points", PointCloud2, 1.0 / LIDAR_RATE_HZ, lambda xyz, ns, _: points_message(xyz, ns, "lidar")
    ),
    "prompt": _Driver("prompt", String, 0.5, lambda text, *_: text_message(text)),
}


class SimulatedDriver:
    """Publishes one sensor of the world, in whatever condition it is."""

    def __init__(self, node: Node, world: World, sensor: Sensor) -> None:
        self._node = node
        self._world = world
        self._sensor = sensor
        self._driver = DRIVERS[sensor]
        self._publisher: Publisher | None = None
        self._due_s = 0.0
        self._sent = 0
        self._last: Any = None
        self._fault: Fault | None = Fault.UNPLUG

    def set_fault(self, fault: Fault | None) -> None:
        """Plug, unplug, break or mend the sensor."""
        self._fault = fault
        if fault is Fault.UNPLUG and self._publisher is not None:
            self._node.destroy_publisher(self._publisher)
            self._publisher = self._last = None
        elif fault is not Fault.UNPLUG and self._publisher is None:
            self._publisher = self._node.create_publisher(
                self._driver.message_type, self._driver.topic, qos_profile_sensor_data
            )

    def step(self, time_s: float, now_ns: int) -> None:
        """Publish if a message is due. time_s: seconds since the world began; now_ns: the same instant in ROS time."""
        if self._publisher is None or time_s < self._due_s - FRAME_S / 2:
            return
        # Messages that could not be sent in time are left out, as by a driver on a busy computer.
        self._due_s = max(self._due_s, time_s - FRAME_S) + self._driver.period_s
        if self._fault is not Fault.FREEZE or self._last is None:
            self._last = self._make_message(time_s, now_ns)
        self._publisher.publish(self._last)

    def _make_message(self, time_s: float, now_ns: int) -> Any:
        reading = self._world.read(self._sensor, time_s, self._fault)
        self._sent += 1
        return self._driver.make(reading, now_ns - _span_ns(reading), self._sent)


def _span_ns(reading: Reading | str) -> int:
    """How long a stretch of time a reading covers: a stream is stamped with the time of its first sample."""
    if isinstance(reading, EventBatch):
        return round(1e9 * FRAME_S)
    if isinstance(reading, np.ndarray) and reading.ndim == 1:
        return round(1e9 * len(reading) / SOUND_RATE_HZ)
    return 0


class SensorSimulator(Node):
    """A robot's sensors in a simulated world; `ground_truth` says what is in front of them."""

    def __init__(self, **node_arguments: Any) -> None:
        super().__init__("sensor_simulator", **node_arguments)
        declare(self, PARAMETERS)
        self._world = World(value(self, "seed"))
        self._drivers = {
            sensor: SimulatedDriver(self, self._world, sensor)
            for sensor in SENSORS
            if sensor in (value(self, "sensors") or SENSORS)
        }
        for sensor, driver in self._drivers.items():
            declare(self, (FAULT,), prefix=f"{sensor}.")
            driver.set_fault(_fault_named(value(self, f"{sensor}.fault")))
        self._truth = self.create_publisher(Classification, "ground_truth", LATCHED)
        self.add_on_set_parameters_callback(self._check)
        self.add_post_set_parameters_callback(self._apply)
        if value(self, "object"):
            self._world.show(value(self, "object"), value(self, "object_seed"))
        self._tell_truth()
        self._started_s = time.monotonic()
        self._frame = 0
        self.create_timer(FRAME_S / 2, self._step)

    def _step(self) -> None:
        # All sensors are read at the same instants, those of the cameras' frames, so that they share one rendering.
        elapsed_s = time.monotonic() - self._started_s
        frame = int(elapsed_s * FRAME_RATE_HZ)
        if frame > self._frame:
            self._frame = frame
            late_ns = round(1e9 * (elapsed_s - frame * FRAME_S))
            now_ns = self.get_clock().now().nanoseconds - late_ns
            for driver in self._drivers.values():
                driver.step(frame * FRAME_S, now_ns)

    def _check(self, parameters: list[Parameter]) -> SetParametersResult:
        for parameter in parameters:
            if parameter.name == "object" and parameter.value not in LABELS:
                return SetParametersResult(successful=False, reason=f"the objects are {', '.join(LABELS)}")
            if parameter.name.endswith(".fault") and parameter.value not in FAULTS:
                return SetParametersResult(successful=False, reason=f"the faults are {', '.join(FAULTS)}")
        return SetParametersResult(successful=True)

    def _apply(self, parameters: list[Parameter]) -> None:
        for parameter in parameters:
            if parameter.name.endswith(".fault"):
                self._drivers[_sensor_of(parameter)].set_fault(_fault_named(parameter.value))
        if {"object", "object_seed"} & {parameter.name for parameter in parameters}:
            self._world.show(value(self, "object") or self._world.label, value(self, "object_seed"))
            self._tell_truth()

    def _tell_truth(self) -> None:
        message = Classification(results=[ObjectHypothesis(class_id=self._world.label, score=1.0)])
        set_header(message, self.get_clock().now().nanoseconds, "")
        self._truth.publish(message)


def _fault_named(name: str) -> Fault | None:
    """The fault of a parameter's value. Raises ConfigurationError for one that does not exist."""
    if name not in FAULTS:
        raise ConfigurationError(f"there is no fault {name!r}", remedy=f"use one of {', '.join(FAULTS)}")
    return None if name == NO_FAULT else Fault(name)


def _sensor_of(parameter: Parameter) -> Sensor:
    return next(sensor for sensor in SENSORS if parameter.name == f"{sensor}.fault")


def main(arguments: list[str] | None = None) -> None:
    """Entry point of `ros2 run omnibind_ros sensor_simulator`."""
    check_arguments("sensor_simulator", __doc__, PARAMETERS, arguments)
    run(SensorSimulator, arguments)


if __name__ == "__main__":
    main()
