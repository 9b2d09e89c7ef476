"""Decoded readings through the robot's preprocessing: exactly what the robot's encoders would be given."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from omnibind_ros.errors import InputError
from omnibind_ros.messages.audio import AudioChunk
from omnibind_ros.messages.event_array import Events
from omnibind_ros.messages.points import PointCloud
from omnibind_ros.modality import Modality
from omnibind_ros.preprocessing.registry import make_preprocessor
from omnibind_ros.simulation.samples import SimulatedSample
from training.data.inputs import Changes, InputSettings, input_settings

Input = tuple[NDArray[np.generic], float]
"""A model input and its quality."""

_STAMP_NS = 1_000_000_000


def model_input(modality: Modality, reading: Any, settings: InputSettings, **resources: Any) -> Input | None:
    """Model input and quality of one decoded reading; None where the preprocessing refuses it or needs more.

    resources: touch may have `reference`, the untouched sensor's picture.
    """
    preprocessor = make_preprocessor(modality, settings, **resources)
    try:
        preprocessor.add(reading, _STAMP_NS)
        taken = preprocessor.take()
    except InputError:
        return None
    return None if taken is None else (taken.array, taken.quality)


def sample_inputs(readings: dict[Modality, Any], changes: Changes | None = None, **touch: Any) -> dict[Modality, Input]:
    """Model input and quality of every modality of a sample whose preprocessing gives one.

    changes: of the preprocessing's constants; touch: the resources of that modality.
    """
    inputs = {}
    for modality, reading in readings.items():
        resources = touch if modality is Modality.TOUCH else {}
        made = model_input(modality, reading, input_settings(modality, changes), **resources)
        if made is not None:
            inputs[modality] = made
    return inputs


def readings_of(sample: SimulatedSample) -> dict[Modality, Any]:
    """What decoding the ROS messages of a simulated sample gives, by modality."""
    events = sample.events
    return {
        Modality.IMAGE: sample.rgb,
        Modality.THERMAL: sample.thermal,
        Modality.EVENT: Events(
            events.x, events.y, events.t_us, events.p, width=sample.event_width, height=sample.event_height
        ),
        Modality.TOUCH: sample.touch,
        Modality.AUDIO: AudioChunk(sample.sound[:, None], sample.sound_rate_hz),
        Modality.POINT: PointCloud(sample.scan),
    }
