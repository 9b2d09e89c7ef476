"""Recorded sounds over real DDS into embeddings and recognitions."""

import array
import time
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("rclpy", reason="needs ROS 2: run `make setup`")

from audio_common_msgs.msg import AudioDataStamped

from omnibind_ros.messages.header import NANOSECONDS, set_header
from omnibind_ros.modality import Modality

if TYPE_CHECKING:
    from perception_process import Robot

pytestmark = pytest.mark.ros

WINDOW_S, HOP_S, CHUNK_S = 1.0, 0.25, 0.1


def one_of_each(folder: Path, pattern: str) -> list[Path]:
    """The first recording of every kind, where a file's kind is what `pattern` has before its first `*` or `_`."""
    files = sorted(folder.glob(pattern))
    if not files:
        pytest.skip(f"no recordings {pattern} in {folder}")
    return files


def pcm(path: Path, seconds: float) -> tuple[bytes, int]:
    """The first seconds of a mono 16-bit recording, its rate in Hz."""
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getsampwidth()) == (1, 2)
        return file.readframes(round(seconds * file.getframerate())), file.getframerate()


def cut(recorded: bytes, rate_hz: int) -> Iterator[bytes]:
    size = 2 * round(CHUNK_S * rate_hz)
    return (recorded[start : start + size] for start in range(0, len(recorded) - size + 1, size))


def stamped(chunks: Iterator[bytes], start_ns: int) -> list[AudioDataStamped]:
    messages = []
    for number, chunk in enumerate(chunks):
        message = AudioDataStamped()
        message.audio.data = array.array("B", chunk)
        set_header(message, start_ns + round(number * CHUNK_S * NANOSECONDS), "microphone")
        messages.append(message)
    return messages


def test_every_class_of_environmental_sounds_is_recognised(robot: "Robot", recordings: Path) -> None:
    """A second of each, one after the other in one stream: an embedding at the end of each second."""
    folders = sorted((recordings / "audio" / "esc10_16k").glob("*"))
    if not folders:
        pytest.skip(f"no recordings in {recordings / 'audio' / 'esc10_16k'}")
    start_ns = time.time_ns()
    for number, folder in enumerate(folders):
        recorded, rate_hz = pcm(min(folder.glob("*.wav")), WINDOW_S)
        end_ns = start_ns + (number + 1) * NANOSECONDS
        messages = stamped(cut(recorded, rate_hz), end_ns - NANOSECONDS)
        embedding = robot.embed("microphone", *messages, seen_ns=end_ns)
        assert embedding.modality is Modality.AUDIO
        assert embedding.quality > 0


def test_spoken_digits_of_eight_kilohertz_are_recognised(robot: "Robot", recordings: Path) -> None:
    files = sorted((recordings / "audio" / "fsdd_8k").glob("?_george_0.wav"))
    if not files:
        pytest.skip(f"no recordings in {recordings / 'audio' / 'fsdd_8k'}")
    spoken = b"".join(pcm(path, 1.0)[0] for path in files)
    messages = stamped(cut(spoken, 8000), time.time_ns())
    windows = int((len(messages) * CHUNK_S - WINDOW_S) / HOP_S)
    end_ns = messages[0].header.stamp.sec * NANOSECONDS
    embedding = robot.recognise("telephone", *messages, seen_ns=None)
    assert embedding.modality is Modality.AUDIO
    assert windows
    assert end_ns


def test_sound_without_a_header_is_recognised_with_the_configured_rate(robot: "Robot", recordings: Path) -> None:
    for path in sorted((recordings / "audio" / "trio").glob("*.wav")):
        with wave.open(str(path)) as file:
            print(path, file.getparams())
