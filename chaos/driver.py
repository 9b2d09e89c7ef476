"""A sensor's driver for the suite: `python -m chaos.driver camera=front/image_raw --rate 2 --malformed 0.01`.

It plays readings of the simulated world. It writes a line `plugged <monotonic seconds>` when its publishers are there.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from typing import Any

import cv2
import numpy as np
from rclpy.node import Node
from rclpy.qos import QoSProfile, ReliabilityPolicy, qos_profile_sensor_data
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import CompressedImage
from std_msgs.msg import String

from chaos.malformed import malformed
from chaos.readings import Readings
from omnibind_ros.nodes.process import run
from omnibind_ros.nodes.sensor_simulator import DRIVERS

NANOSECONDS = 1_000_000_000
CLOCK_RATE_HZ = 100.0
BAG_START_NS = 1_700_000_000 * NANOSECONDS


def announce_plugged() -> None:
    """Tell whoever reads the log that the sensor can be heard from now on."""
    print(f"plugged {time.monotonic():.6f}", flush=True)


def native(message: Any) -> Any:
    """The message as the sensor's driver sends it."""
    return message


def compressed(message: Any) -> CompressedImage:
    """A camera's image as JPEG."""
    pixels = np.frombuffer(message.data, np.uint8).reshape(message.height, message.width, 3)
    _, jpeg = cv2.imencode(".jpg", pixels[:, :, ::-1])
    return CompressedImage(header=message.header, format="jpeg", data=jpeg.tobytes())


def foreign(message: Any) -> String:
    """What no camera sends."""
    return String(data=f"exposure at {message.header.stamp.sec}")


CONVERSIONS: dict[str, Callable[[Any], Any]] = {"native": native, "compressed": compressed, "foreign": foreign}
CONVERTED_TYPES: dict[Callable[[Any], Any], type[Any]] = {compressed: CompressedImage, foreign: String}


class Driver(Node):
    """Publishes one or more sensors, each given as `sensor=topic`."""

    def __init__(self, options: argparse.Namespace) -> None:
        super().__init__(f"driver_{options.sensors[0].split('=')[1].replace('/', '_')}")
        self._offset_ns = round(options.stamp_offset * NANOSECONDS)
        self._loop_ns: int = round(options.clock_loop * NANOSECONDS)
        self._malformed_share = options.malformed
        self._convert = CONVERSIONS[options.message]
        self._rng = np.random.default_rng()
        self._start_ns = time.monotonic_ns()
        # What takes long is done before the first publisher is there: a sensor that can be heard delivers.
        readings = {one: Readings(one.partition("=")[0], rate=options.rate) for one in options.sensors}
        for one, played in readings.items():
            sensor, _, topic = one.partition("=")
            self._plug(topic, sensor, played, reliable=options.reliable)
        if options.clock_loop:
            self._clock_publisher = self.create_publisher(Clock, "/clock", QoSProfile(depth=1))
            self.create_timer(1 / CLOCK_RATE_HZ, self._tell_time)
        announce_plugged()

    def _plug(self, topic: str, sensor: Any, readings: Readings, *, reliable: bool) -> None:
        message_type = CONVERTED_TYPES.get(self._convert, DRIVERS[sensor].message_type)
        quality = QoSProfile(depth=5, reliability=ReliabilityPolicy.RELIABLE) if reliable else qos_profile_sensor_data
        publisher = self.create_publisher(message_type, topic, quality)
        self.create_timer(readings.period_s, partial(self._publish, publisher, sensor, readings, count()))

    def _publish(self, publisher: Any, sensor: Any, readings: Readings, numbers: Iterator[int]) -> None:
        number = next(numbers)
        message = self._convert(DRIVERS[sensor].make(readings.at(number), self._now_ns() + self._offset_ns, number))
        if self._rng.random() < self._malformed_share:
            message = malformed(message, self._rng)
        publisher.publish(message)

    def _now_ns(self) -> int:
        if not self._loop_ns:
            return time.time_ns()
        return BAG_START_NS + (time.monotonic_ns() - self._start_ns) % self._loop_ns

    def _tell_time(self) -> None:
        message = Clock()
        now_ns = self._now_ns()
        message.clock.sec, message.clock.nanosec = divmod(now_ns, NANOSECONDS)
        self._clock_publisher.publish(message)


def parser() -> argparse.ArgumentParser:
    """The command line."""
    found = argparse.ArgumentParser(prog="python -m chaos.driver", description=__doc__)
    found.add_argument("sensors", nargs="+", metavar="sensor=topic", help=f"sensors: {', '.join(DRIVERS)}")
    found.add_argument("--rate", type=float, default=1.0, help="times the sensor's own rate (1)")
    found.add_argument("--malformed", type=float, default=0.0, help="share of messages that are broken (0)")
    found.add_argument("--stamp-offset", type=float, default=0.0, help="seconds its clock is off (0)")
    found.add_argument("--clock-loop", type=float, default=0.0, help="play as a bag of so many seconds, with /clock")
    found.add_argument("--message", choices=tuple(CONVERSIONS), default="native")
    found.add_argument("--reliable", action="store_true", help="publish reliably; best effort otherwise")
    return found


if __name__ == "__main__":
    options = parser().parse_args()
    run(lambda: Driver(options), [])
