"""A whole recording through the robot's preprocessing: the part of it in which most happens becomes one input."""

from typing import Any, cast

import numpy as np

from omnibind_ros.errors import InputError
from omnibind_ros.messages.audio import AudioChunk
from omnibind_ros.messages.event_array import Events
from omnibind_ros.modality import Modality
from omnibind_ros.preprocessing.audio import AudioSettings, mono, prepare_audio, signal_quality
from omnibind_ros.preprocessing.event import EventSettings
from training.data.inputs import InputSettings
from training.data.sensor_inputs import Input, model_input

_CLIPPED_FROM = 0.99


def recording_input(modality: Modality, reading: Any, settings: InputSettings, **resources: Any) -> Input | None:
    """Model input and quality of a recording; None where the preprocessing refuses it. resources: as `model_input`."""
    if modality is Modality.AUDIO:
        return _audio_input(reading, cast(AudioSettings, settings))
    return model_input(modality, reading, settings, **resources)


def liveliest(modality: Modality, reading: Any, settings: InputSettings) -> Any:
    """The loudest window of a sound, that with the most events of an event recording, everything else as it is."""
    if modality is Modality.AUDIO:
        return _loudest(reading, cast(AudioSettings, settings).window_s)
    if modality is Modality.EVENT:
        return _busiest(reading, cast(EventSettings, settings).window_us)
    return reading


def _loudest(chunk: AudioChunk, window_s: float) -> AudioChunk:
    length = round(window_s * chunk.rate_hz)
    if len(chunk.samples_NC) <= length:
        return chunk
    energy = np.cumsum(np.square(chunk.samples_NC.mean(axis=1, dtype=np.float64)))
    start = int(np.argmax(energy[length:] - energy[:-length]))
    return AudioChunk(chunk.samples_NC[start : start + length], chunk.rate_hz)


def _busiest(events: Events, window_us: int) -> Events:
    if not len(events):
        return events
    first = np.searchsorted(events.t_us, events.t_us - window_us, side="right")
    last = int(np.argmax(np.arange(len(events)) - first))
    return events[int(first[last]) : last + 1]


def _audio_input(chunk: AudioChunk, settings: AudioSettings) -> Input | None:
    """As the robot's, but of a sound of any length: a stream's window would have to fill first."""
    signal_N = mono(chunk, settings.rate_hz)
    clipped = float((np.abs(chunk.samples_NC).max(axis=1) >= _CLIPPED_FROM).mean()) if len(chunk.samples_NC) else 0.0
    try:
        return prepare_audio(signal_N, settings), signal_quality(signal_N, clipped, settings)
    except InputError:
        return None
