"""A simulated sample through the robot's preprocessing: exactly what the robot's encoders would be given."""

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
from training.data.inputs import input_settings

Input = tuple[NDArray[np.generic], float]
"""A model input and its quality."""

_STAMP_NS = 1_000_000_000


def model_inputs(sample: SimulatedSample) -> dict[Modality, Input]:
    """Model input and quality of every modality whose preprocessing gives one."""
    inputs = {}
    for modality, array in _decoded(sample).items():
        resources = {"reference": sample.touch_reference} if modality is Modality.TOUCH else {}
        preprocessor = make_preprocessor(modality, input_settings(modality), **resources)
        try:
            preprocessor.add(array, _STAMP_NS)
            taken = preprocessor.take()
        except InputError:
            continue
        if taken is not None:
            inputs[modality] = (taken.array, taken.quality)
    return inputs


def _decoded(sample: SimulatedSample) -> dict[Modality, Any]:
    """What decoding the sample's ROS messages gives, by modality."""
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
