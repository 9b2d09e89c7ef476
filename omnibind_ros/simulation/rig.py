"""A rig of simulated sensors that plays a script: objects come and go, sensors fail and recover."""

from dataclasses import dataclass

from omnibind_ros.simulation.camera import render_rgb
from omnibind_ros.simulation.event_camera import EventCamera, log_intensity
from omnibind_ros.simulation.faults import Fault, Reading, blind, corrupt
from omnibind_ros.simulation.lidar import Lidar
from omnibind_ros.simulation.objects import LABELS, make_object
from omnibind_ros.simulation.randomness import generator
from omnibind_ros.simulation.scene import Scene
from omnibind_ros.simulation.script import Script, Show
from omnibind_ros.simulation.sensors import Sensor
from omnibind_ros.simulation.sound import Microphone
from omnibind_ros.simulation.thermal_camera import render_thermal
from omnibind_ros.simulation.touch import TouchSensor

_CHUNK_S = 0.1
"""Sound delivered by the first call for the microphone."""


class _Stage:
    """One object in front of all the sensors; time counts from when it was shown."""

    def __init__(self, show: Show) -> None:
        thing = make_object(show.label, show.seed)
        self.show = show
        self.scene = Scene(thing, show.seed)
        self.touch = TouchSensor(thing, show.seed)
        self.microphone = Microphone(thing, show.seed)
        self.lidar = Lidar(self.scene)


@dataclass
class _SensorState:
    """What a sensor remembers between readings."""

    event_camera: EventCamera
    heard_until_s: float | None = None
    latest: Reading | None = None


class Rig:
    """All sensors of a script.

    Args:
        script: What happens.
        seed: Fixes the noise of the sensors that is not fixed by the scene.
    """

    def __init__(self, script: Script, seed: int) -> None:
        self.script = script
        self._seed = seed
        self._states = {sensor: _SensorState(EventCamera(seed)) for sensor in script.sensors}
        self._stage: _Stage | None = None
        self._decoy: _Stage | None = None

    def sense(self, sensor: Sensor, time_s: float) -> Reading | None:
        """Reading of a sensor at a moment, None while it is unplugged; ask each sensor in the order of time.

        Sound and events cover the time since the reading before; a frozen sensor repeats what it delivered last.

        Args:
            sensor: A sensor of the script.
            time_s: Seconds since the script began.
        """
        state = self._states[sensor]
        fault = self.script.fault_at(sensor, time_s)
        if fault is Fault.UNPLUG:
            self._states[sensor] = _SensorState(EventCamera(self._seed))
            return None
        if fault is Fault.FREEZE and state.latest is not None:
            state.heard_until_s = time_s
            return state.latest
        stage = self._decoy_stage(time_s) if fault is Fault.MISLEAD else self._true_stage(time_s)
        reading = self._read(sensor, stage, state, time_s)
        if fault is Fault.BLIND:
            reading = blind(sensor, reading)
        elif fault is Fault.CORRUPT:
            reading = corrupt(sensor, reading, generator(self._seed, f"garbage {sensor}", time_s))
        state.latest = reading
        return reading

    def _read(self, sensor: Sensor, stage: _Stage, state: _SensorState, time_s: float) -> Reading:
        shown_s = time_s - stage.show.start_s
        if sensor == "touch":
            return stage.touch.contact_image(shown_s)
        if sensor == "microphone":
            start_s = time_s - _CHUNK_S if state.heard_until_s is None else state.heard_until_s
            state.heard_until_s = time_s
            return stage.microphone.samples(start_s - stage.show.start_s, shown_s)
        if sensor == "lidar":
            return stage.lidar.scan(shown_s)
        surface = stage.scene.look(shown_s)
        if sensor == "camera":
            return render_rgb(surface)
        if sensor == "thermal":
            return render_thermal(surface)
        return state.event_camera.update(log_intensity(surface), time_s)

    def _true_stage(self, time_s: float) -> _Stage:
        show = self.script.show_at(time_s)
        if self._stage is None or self._stage.show != show:
            self._stage = _Stage(show)
        return self._stage

    def _decoy_stage(self, time_s: float) -> _Stage:
        """Another object than the true one, the same for as long as the true one is shown."""
        show = self.script.show_at(time_s)
        place = LABELS.index(show.label) + 1 + int(generator(show.seed, "decoy").integers(len(LABELS) - 1))
        decoy = Show(show.start_s, LABELS[place % len(LABELS)], show.seed)
        if self._decoy is None or self._decoy.show != decoy:
            self._decoy = _Stage(decoy)
        return self._decoy
