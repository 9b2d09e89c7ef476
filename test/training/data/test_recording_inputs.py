import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from omnibind_ros.messages.audio import AudioChunk
from omnibind_ros.messages.event_array import Events
from omnibind_ros.modality import Modality
from training.data.inputs import input_settings
from training.data.recording_inputs import liveliest, recording_input

AUDIO, EVENT = input_settings(Modality.AUDIO), input_settings(Modality.EVENT)


def test_of_a_long_sound_the_loudest_window_is_taken():
    samples = np.zeros((48_000, 2), np.float32)
    samples[30_000:32_000] = 0.5
    part = liveliest(Modality.AUDIO, AudioChunk(samples, 16_000), AUDIO)
    assert len(part.samples_NC) == 16_000
    assert part.samples_NC.max() == 0.5


def test_of_a_long_event_recording_the_busiest_window_is_taken():
    t_us = np.concatenate([np.arange(0, 900_000, 9000), np.arange(1_000_000, 1_040_000, 100), [2_000_000]])
    zeros = np.zeros(len(t_us), np.uint16)
    part = liveliest(Modality.EVENT, Events(zeros, zeros, t_us.astype(np.int64), zeros > 0, 4, 4), EVENT)
    assert part.t_us[0] >= 1_000_000
    assert part.t_us[-1] == 1_039_900


@pytest.mark.parametrize("seconds", [0.1, 0.3, 1.0])
def test_a_sound_shorter_than_a_window_is_an_input_too(seconds):
    tone = np.sin(np.arange(round(seconds * 8000)) / 3).astype(np.float32)[:, None] * 0.5
    array, quality = recording_input(Modality.AUDIO, AudioChunk(tone, 8000), AUDIO)
    assert array.shape == AUDIO.input_shape
    assert quality == 1
    silent = recording_input(Modality.AUDIO, AudioChunk(tone * 0, 8000), AUDIO)
    assert silent[1] == 0


def test_what_the_robot_refuses_is_no_input():
    assert recording_input(Modality.IMAGE, np.zeros((0, 3, 3), np.uint8), input_settings(Modality.IMAGE)) is None
