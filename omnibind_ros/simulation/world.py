"""The world of a demo: one object after another in front of all sensors, which are read as time goes on."""

from typing import Any

from omnibind_ros.simulation.camera import render_rgb
from omnibind_ros.simulation.captions import hint
from omnibind_ros.simulation.event_camera import EventCamera, log_intensity
from omnibind_ros.simulation.lidar import Lidar
from omnibind_ros.simulation.objects import HELD_OUT_SEED, LABELS, make_object
from omnibind_ros.simulation.randomness import generator
from omnibind_ros.simulation.scene import Scene
from omnibind_ros.simulation.sensors import FRAME_RATE_HZ, Sensor
from omnibind_ros.simulation.sound import Microphone
from omnibind_ros.simulation.thermal_camera import render_thermal
from omnibind_ros.simulation.touch import TouchSensor


class World:
    """What is in front of the robot. Objects are instances that no training has seen.

    Args:
        seed: Fixes every object, scene and noise.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._shown = 0
        self._event_camera = EventCamera(seed)
        self._heard_until_s: float | None = None
        self.show(LABELS[seed % len(LABELS)])

    def show(self, label: str) -> None:
        """Put another object in front of the sensors. Raises ConfigurationError for an unknown label."""
        number = int(generator(self._seed, f"object {self._shown}").integers(1 << 30))
        thing = make_object(label, HELD_OUT_SEED + number)
        self._shown += 1
        self._scene = Scene(thing, HELD_OUT_SEED + number)
        self._lidar = Lidar(self._scene)
        self._touch = TouchSensor(thing, number)
        self._microphone = Microphone(thing, number)

    @property
    def label(self) -> str:
        """The object that is in front of the sensors."""
        return self._scene.object.label

    def read(self, sensor: Sensor, time_s: float) -> Any:
        """A reading of a sensor at an instant, later than the one before.

        camera, touch: (H, W, 3) uint8 RGB. thermal: (H, W) uint16, hundredths of a kelvin. event: `EventBatch` since
        the last reading. microphone: samples (N,) float32 since the last reading. lidar: (N, 3) float32 metres.
        prompt: what a person might say about the object without naming it.
        """
        # Frames of one instant share one rendering: the cameras run at one rate.
        frame_s = round(time_s * FRAME_RATE_HZ) / FRAME_RATE_HZ
        match sensor:
            case "camera":
                return render_rgb(self._scene.look(frame_s))
            case "thermal":
                return render_thermal(self._scene.look(frame_s))
            case "event":
                return self._event_camera.update(log_intensity(self._scene.look(frame_s)), frame_s)
            case "touch":
                return self._touch.contact_image(time_s)
            case "microphone":
                start_s = time_s if self._heard_until_s is None else self._heard_until_s
                self._heard_until_s = time_s
                return self._microphone.samples(start_s, time_s)
            case "lidar":
                return self._lidar.scan(frame_s)
            case "prompt":
                return hint(self._scene.object)
