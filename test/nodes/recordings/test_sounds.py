"""Recorded sounds over real DDS into embeddings and recognitions."""

import array
import time
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from every_modality import write_bundle_of_every_modality

pytest.importorskip("rclpy", reason="needs ROS 2: run `make setup`")

from audio_common_msgs.msg import AudioData, AudioDataStamped
from perception_process import Robot, perception

from omnibind_ros.messages.header import NANOSECONDS, set_header
from omnibind_ros.modality import Modality

pytestmark = pytest.mark.ros

CHUNK_S = 0.1


@pytest.fixture(scope="module")
def robot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Robot]:
    folder = tmp_path_factory.mktemp("sounds")
    # Streams are sent faster than they were recorded, with stamps that end now.
    fast = {"modality": "audio", "max_clock_offset": 60.0}
    sources = {
        "microphone": fast,
        "telephone": {**fast, "sample_rate": 8000},
        "headset": {"modality": "audio", "sample_rate": 44100},
        "headset_stereo": {"modality": "audio", "sample_rate": 44100, "channels": 2},
    }
    with perception(folder, write_bundle_of_every_modality(folder / "bundle"), sources) as robot:
        yield robot


def chunks(path: Path, seconds: float) -> list["array.array[int]"]:
    """The loudest seconds of a 16-bit recording as a driver sends them, a tenth of a second at a time."""
    if not path.is_file():
        pytest.skip(f"no recording at {path}")
    with wave.open(str(path)) as file:
        size = round(CHUNK_S * file.getframerate())
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, file.getnchannels())
    parts = samples[: len(samples) // size * size].reshape(-1, size * samples.shape[1])
    wanted = min(len(parts), round(seconds / CHUNK_S))
    loudness = np.convolve(parts.astype(np.float64).var(axis=1), np.ones(wanted), "valid")
    start = int(loudness.argmax())
    return [array.array("B", part.tobytes()) for part in parts[start : start + wanted]]


def stamped(sound: list["array.array[int]"], start_ns: int) -> list[AudioDataStamped]:
    """Messages stamped with the time of their first sample."""
    messages = []
    for number, data in enumerate(sound):
        message = AudioDataStamped()
        message.audio.data = data
        set_header(message, start_ns + round(number * CHUNK_S * NANOSECONDS), "microphone_link")
        messages.append(message)
    return messages


def test_every_class_of_environmental_sounds_is_recognised(robot: Robot, recordings: Path) -> None:
    """A second of each class, one after the other in one stream; the window that ends with it holds that class."""
    files = [min(folder.glob("*.wav")) for folder in sorted((recordings / "audio" / "esc10_16k").glob("*"))]
    if not files:
        pytest.skip(f"no recordings in {recordings / 'audio' / 'esc10_16k'}")
    start_ns = time.time_ns() - len(files) * NANOSECONDS
    for number, path in enumerate(files):
        since_ns = start_ns + number * NANOSECONDS
        sound = stamped(chunks(path, 1.0), since_ns)
        embedding = robot.recognise("microphone", *sound, seen_ns=since_ns + NANOSECONDS, within_ns=NANOSECONDS // 1000)
        assert embedding.modality is Modality.AUDIO
        assert embedding.quality > 0.3, path


def test_spoken_digits_at_eight_kilohertz_are_recognised(robot: Robot, recordings: Path) -> None:
    spoken = [
        chunk
        for digit in range(10)
        for chunk in chunks(recordings / "audio" / "fsdd_8k" / f"{digit}_george_0.wav", 1.0)
    ]
    end_ns = time.time_ns()
    sound = stamped(spoken, end_ns - round(len(spoken) * CHUNK_S * NANOSECONDS))
    # The last whole hop of a quarter of a second, less what the resampler holds back
    embedding = robot.recognise("telephone", *sound, seen_ns=end_ns, within_ns=round(0.35 * NANOSECONDS))
    assert embedding.modality is Modality.AUDIO
    assert embedding.quality > 0.5


@pytest.mark.parametrize(("source", "name"), [("headset", "audio_airplane.wav"), ("headset_stereo", "dog_audio.wav")])
def test_sound_without_a_header_is_read_as_configured(robot: Robot, recordings: Path, source: str, name: str) -> None:
    sound = chunks(recordings / "audio" / "trio" / name, 1.5)
    embedding = robot.recognise(source, *(AudioData(data=data) for data in sound))
    assert embedding.modality is Modality.AUDIO
    assert embedding.quality > 0.5
    assert abs(embedding.stamp_ns - time.time_ns()) < 10 * NANOSECONDS
