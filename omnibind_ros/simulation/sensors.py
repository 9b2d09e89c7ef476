"""The simulated sensors: their names, image sizes and rates, in one place."""

from typing import Literal

Sensor = Literal["camera", "thermal", "event", "touch", "microphone", "lidar", "prompt"]
"""Name of one simulated sensor."""

SENSORS: tuple[Sensor, ...] = ("camera", "thermal", "event", "touch", "microphone", "lidar", "prompt")

MODALITIES: dict[Sensor, str] = {
    "camera": "image",
    "thermal": "thermal",
    "event": "event",
    "touch": "touch",
    "microphone": "audio",
    "lidar": "point",
    "prompt": "text",
}
"""What each sensor is to the perception node."""

FRAME_RATE_HZ = 30.0
"""Camera, thermal camera, event camera and touch sensor publish at this rate."""
LIDAR_RATE_HZ = 10.0
SOUND_RATE_HZ = 16_000
TAP_PERIOD_S = 0.5
"""Mean time between two taps of the object in front of the microphone."""

VIEW_WIDTH, VIEW_HEIGHT = 240, 180
"""Pixels of the surface buffers, and of the event camera (those of a DAVIS240)."""
VIEW_FOCAL_PIXELS = 264.0
"""Focal length of the shared viewpoint in pixels of the surface buffers: about 49 degrees across."""

CAMERA_WIDTH, CAMERA_HEIGHT = 320, 240
THERMAL_WIDTH, THERMAL_HEIGHT = 160, 120
TOUCH_WIDTH, TOUCH_HEIGHT = 160, 120
TOUCH_PIXEL_M = 0.00018
"""Edge of the patch of gel that one touch pixel sees: the image spans 29 mm x 22 mm."""

LIDAR_COLUMNS, LIDAR_ROWS = 180, 100
LIDAR_FIELD_DEGREES = (100.0, 70.0)
"""Horizontal and vertical field of view of the solid-state LiDAR."""
