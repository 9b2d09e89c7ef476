"""Single random instants of single objects, seen by every sensor, for training and tests.

A sample is known by its label and seed. Training uses seeds below `objects.HELD_OUT_SEED`, validation and tests those
from it on.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from omnibind_ros.simulation.camera import render_rgb
from omnibind_ros.simulation.captions import captions
from omnibind_ros.simulation.event_camera import EventBatch, EventCamera, join_events, log_intensity, no_events
from omnibind_ros.simulation.lidar import Lidar
from omnibind_ros.simulation.objects import SimulatedObject, make_object
from omnibind_ros.simulation.randomness import generator
from omnibind_ros.simulation.scene import Scene
from omnibind_ros.simulation.sensors import FRAME_RATE_HZ, SOUND_RATE_HZ, TAP_PERIOD_S, VIEW_HEIGHT, VIEW_WIDTH
from omnibind_ros.simulation.sound import Microphone
from omnibind_ros.simulation.thermal_camera import render_thermal
from omnibind_ros.simulation.touch import CONTACT_PERIOD_S, CONTACT_SHARE, TouchSensor, no_contact_image

EVENT_WINDOW_S = 0.05
SOUND_WINDOW_S = 1.0


@dataclass(frozen=True, eq=False)
class SimulatedSample:
    """What all sensors sense of one object at one instant.

    Attributes:
        label: Name of the object's class.
        object: The instance.
        rgb: (CAMERA_HEIGHT, CAMERA_WIDTH, 3) uint8.
        thermal: (THERMAL_HEIGHT, THERMAL_WIDTH) uint16, hundredths of a kelvin.
        events: The last EVENT_WINDOW_S of the event camera.
        event_width: Columns of the event camera.
        event_height: Rows of the event camera.
        touch: (TOUCH_HEIGHT, TOUCH_WIDTH, 3) uint8, during a contact.
        touch_reference: The same without contact.
        sound: (N,) float32 in [-1, 1], the last SOUND_WINDOW_S, with at least one impact.
        sound_rate_hz: Sampling rate of `sound`.
        object_points: (N, 3) float32 metres, LiDAR points on the object.
        scan: (M, 3) float32 metres, all LiDAR points.
        captions: Sentences about the object.
    """

    label: str
    object: SimulatedObject
    rgb: NDArray[np.uint8]
    thermal: NDArray[np.uint16]
    events: EventBatch
    event_width: int
    event_height: int
    touch: NDArray[np.uint8]
    touch_reference: NDArray[np.uint8]
    sound: NDArray[np.float32]
    sound_rate_hz: int
    object_points: NDArray[np.float32]
    scan: NDArray[np.float32]
    captions: tuple[str, ...]


def draw_sample(label: str, seed: int) -> SimulatedSample:
    """Draw an instance, pose, light and instant; equal arguments give equal samples.

    Raises:
        ConfigurationError: There is no such label.
    """
    thing = make_object(label, seed)
    scene = Scene(thing, seed)
    rng = generator(seed, "instant")
    time_s = float(rng.uniform(0.2, 3.0))
    events = _recent_events(scene, time_s)
    surface = scene.look(time_s)
    lidar = Lidar(scene)
    rgb, thermal = render_rgb(surface), render_thermal(surface)
    object_points, scan = lidar.object_points(time_s), lidar.scan(time_s)
    touch_time = (int(rng.integers(1000)) + float(rng.uniform(0.25, 0.75)) * CONTACT_SHARE) * CONTACT_PERIOD_S
    sound_end = (int(rng.integers(1000)) + float(rng.uniform(0.0, 1.0))) * TAP_PERIOD_S + SOUND_WINDOW_S
    return SimulatedSample(
        label=label,
        object=thing,
        rgb=rgb,
        thermal=thermal,
        events=events,
        event_width=VIEW_WIDTH,
        event_height=VIEW_HEIGHT,
        touch=TouchSensor(thing, seed).contact_image(touch_time),
        touch_reference=no_contact_image(),
        sound=Microphone(thing, seed).samples(sound_end - SOUND_WINDOW_S, sound_end),
        sound_rate_hz=SOUND_RATE_HZ,
        object_points=object_points,
        scan=scan,
        captions=captions(thing),
    )


def _recent_events(scene: Scene, time_s: float) -> EventBatch:
    """Events of the last EVENT_WINDOW_S of a camera that runs at FRAME_RATE_HZ."""
    camera = EventCamera(scene.seed)
    frames = int(np.ceil(EVENT_WINDOW_S * FRAME_RATE_HZ))
    recent = no_events()
    for number in range(frames, -1, -1):
        instant = time_s - number / FRAME_RATE_HZ
        recent = join_events(recent, camera.update(log_intensity(scene.look(instant)), instant))
    return recent.since(round((time_s - EVENT_WINDOW_S) * 1e6))
