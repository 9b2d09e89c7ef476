"""The world of a demo: one object after another in front of all sensors, which are read as time goes on."""

import numpy as np

from omnibind_ros.simulation.camera import render_rgb
from omnibind_ros.simulation.captions import hint
from omnibind_ros.simulation.event_camera import EventCamera, log_intensity
from omnibind_ros.simulation.faults import Fault, Reading, blind, corrupt
from omnibind_ros.simulation.lidar import Lidar
from omnibind_ros.simulation.objects import HELD_OUT_SEED, LABELS, make_object
from omnibind_ros.simulation.randomness import generator
from omnibind_ros.simulation.scene import Scene
from omnibind_ros.simulation.sensors import Sensor
from omnibind_ros.simulation.sound import Microphone
from omnibind_ros.simulation.thermal_camera import render_thermal
from omnibind_ros.simulation.touch import TouchSensor

LONGEST_PAUSE_S = 0.2
"""Between two readings; what a stream would have carried in a longer one is lost, as while it is unplugged."""

LIFTED_S = 1.0
"""So long after it was plugged in, nothing touches the touch sensor: it learns then how its gel looks untouched."""


class World:
    """What is in front of the robot, and what its sensors make of it.

    Args:
        seed: Fixes the first object, the object that misleading sensors see, and the noise of broken ones.
    """

    def __init__(self, seed: int) -> None:
        self._noise = generator(seed, "garbage")
        self._seed = seed
        self._event_camera = EventCamera(seed)
        self._events_until_s = 0.0
        self._heard_until_s = 0.0
        self._touch_since_s = self._touch_until_s = -LONGEST_PAUSE_S
        self._decoy = _Setup(LABELS[(seed + 1) % len(LABELS)], HELD_OUT_SEED + seed)
        self.show(LABELS[seed % len(LABELS)], HELD_OUT_SEED + seed)

    def show(self, label: str, seed: int) -> None:
        """Put an object in front of the sensors. Raises ConfigurationError for an unknown label."""
        self._setup = _Setup(label, seed)

    @property
    def label(self) -> str:
        """The object that is in front of the sensors."""
        return self._setup.scene.object.label

    def read(self, sensor: Sensor, time_s: float, fault: Fault | None = None) -> Reading | str:
        """A reading of a sensor at an instant, later than the one before, with what its fault makes of it.

        camera, touch: (H, W, 3) uint8 RGB. thermal: (H, W) uint16, hundredths of a kelvin. event: `EventBatch` since
        the last reading. microphone: samples (N,) float32 since the last reading.
        lidar: (N, 3) float32 metres. prompt: what a person might say about the object without naming it. Streams hold
        nothing from before a pause of LONGEST_PAUSE_S. An unplugged or frozen sensor is its driver's business: the
        reading is that of a healthy one.
        """
        reading = self._sense(sensor, time_s, self._decoy if fault is Fault.MISLEAD else self._setup)
        if fault is Fault.BLIND:
            return "" if isinstance(reading, str) else blind(sensor, reading)
        if fault is Fault.CORRUPT:
            return _babble(self._noise) if isinstance(reading, str) else corrupt(sensor, reading, self._noise)
        return reading

    def _sense(self, sensor: Sensor, time_s: float, setup: "_Setup") -> Reading | str:
        match sensor:
            case "camera":
                return render_rgb(setup.scene.look(time_s))
            case "thermal":
                return render_thermal(setup.scene.look(time_s))
            case "event":
                if time_s - self._events_until_s > LONGEST_PAUSE_S:
                    self._event_camera = EventCamera(self._seed)
                self._events_until_s = time_s
                return self._event_camera.update(log_intensity(setup.scene.look(time_s)), time_s)
            case "touch":
                if time_s - self._touch_until_s > LONGEST_PAUSE_S:
                    self._touch_since_s = time_s
                self._touch_until_s = time_s
                return setup.touch.contact_image(time_s, lifted=time_s - self._touch_since_s < LIFTED_S)
            case "microphone":
                start_s = max(self._heard_until_s, time_s - LONGEST_PAUSE_S)
                self._heard_until_s = time_s
                return setup.microphone.samples(start_s, time_s)
            case "lidar":
                return setup.lidar.scan(time_s)
            case "prompt":
                return hint(setup.scene.object)


class _Setup:
    """One object and the sensors that are directed at it."""

    def __init__(self, label: str, seed: int) -> None:
        thing = make_object(label, seed)
        self.scene = Scene(thing, seed)
        self.lidar = Lidar(self.scene)
        self.touch = TouchSensor(thing, seed)
        self.microphone = Microphone(thing, seed)


def _babble(rng: np.random.Generator) -> str:
    """Words that mean nothing."""
    letters = rng.integers(ord("a"), ord("z") + 1, (4, 6))
    return " ".join("".join(map(chr, word)) for word in letters)
