"""A few seconds of what a simulated sensor sees, made once and played round and round: a driver that costs little."""

from dataclasses import replace
from typing import Any

from omnibind_ros.nodes.sensor_simulator import DRIVERS
from omnibind_ros.simulation.event_camera import EventBatch
from omnibind_ros.simulation.sensors import Sensor
from omnibind_ros.simulation.world import World

LENGTH_S = 2.0


class Readings:
    """The readings of one sensor, `rate` times as many a second as its driver makes.

    Args:
        sensor: Which sensor of the simulated world.
        rate: 1 for the sensor's own rate, 2 for double.
        seed: Which world.
    """

    def __init__(self, sensor: Sensor, *, rate: float = 1.0, seed: int = 0) -> None:
        self.period_s = DRIVERS[sensor].period_s / rate
        world = World(seed)
        count = max(1, round(LENGTH_S / self.period_s))
        # A stream's reading covers the time since the one before: the first has none and is left out.
        self._readings = [world.read(sensor, number * self.period_s) for number in range(count + 1)][1:]

    def at(self, number: int) -> Any:
        """The reading with a running number; events go on in time when the recording begins again."""
        rounds, index = divmod(number, len(self._readings))
        reading = self._readings[index]
        if isinstance(reading, EventBatch):
            return replace(reading, t_us=reading.t_us + round(rounds * len(self._readings) * self.period_s * 1e6))
        return reading
