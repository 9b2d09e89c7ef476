"""The `file_player` node: publishes pictures and sounds from folders as the drivers of real sensors would."""

import wave
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from audio_common_msgs.msg import AudioDataStamped
from numpy.typing import NDArray
from rclpy.node import Node
from rclpy.qos import QoSProfile
from sensor_msgs.msg import Image

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.nodes.command_line import check_arguments
from omnibind_ros.nodes.driver_messages import audio_message, image_message
from omnibind_ros.nodes.parameters import declare, value
from omnibind_ros.nodes.process import run
from omnibind_ros.pipeline.parameters import ParameterSpec

PARAMETERS = (
    ParameterSpec(
        "images", "", "Folder of colour pictures for `camera/image_raw`; empty for none.", takes_effect="at start"
    ),
    ParameterSpec(
        "thermal",
        "",
        "Folder of grey pictures of 8 or 16 bits for `thermal/image_raw`; empty for none.",
        takes_effect="at start",
    ),
    ParameterSpec(
        "touch",
        "",
        "Folder of a tactile sensor's pictures for `touch/image_raw`; empty for none.",
        takes_effect="at start",
    ),
    ParameterSpec(
        "audio",
        "",
        "Folder of 16-bit WAV files for `microphone/audio_stamped`; empty for none.",
        takes_effect="at start",
    ),
    ParameterSpec("rate", 10.0, "Pictures a second, Hz.", bounds=(0.1, 100.0), unit="Hz", takes_effect="at start"),
    ParameterSpec(
        "dwell", 2.0, "Seconds each picture is shown.", bounds=(0.01, 3600.0), unit="s", takes_effect="at start"
    ),
    ParameterSpec(
        "audio_rate",
        16000,
        "Rate of the WAV files, Hz; files of another rate are refused.",
        bounds=(1000, 768000),
        unit="Hz",
        takes_effect="at start",
    ),
)
CHUNK_S = 0.1
PICTURE_TOPICS = {"images": "camera/image_raw", "thermal": "thermal/image_raw", "touch": "touch/image_raw"}
AUDIO_TOPIC = "microphone/audio_stamped"
_PICTURES = {".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff"}
# Reliable, unlike a driver: the large photos of a folder would not survive the transport otherwise.
_QOS = QoSProfile(depth=5)


class FilePlayer(Node):
    """Plays every folder in a loop, files in the order of their names, stamped as if they were sensed now.

    Raises ConfigurationError for a folder without files, and when its turn comes for a file that cannot be played.
    """

    def __init__(self, **node_arguments: Any) -> None:
        super().__init__("file_player", **node_arguments)
        declare(self, PARAMETERS)
        for parameter, topic in PICTURE_TOPICS.items():
            if value(self, parameter):
                files = files_in(Path(value(self, parameter)), _PICTURES)
                self._play_pictures(files, topic, grey=parameter == "thermal")
        if value(self, "audio"):
            self._play_sound(files_in(Path(value(self, "audio")), {".wav"}))

    def _play_pictures(self, files: list[Path], topic: str, *, grey: bool) -> None:
        publisher = self.create_publisher(Image, topic, _QOS)
        repeats = max(1, round(value(self, "dwell") * value(self, "rate")))
        frames = _frames(files, repeats, cv2.IMREAD_ANYDEPTH if grey else cv2.IMREAD_COLOR)
        frame_id = topic.split("/", maxsplit=1)[0]

        def send() -> None:
            pixels = next(frames)
            publisher.publish(image_message(pixels, _encoding(pixels), self._now_ns(), frame_id))

        self.create_timer(1.0 / value(self, "rate"), send)

    def _play_sound(self, files: list[Path]) -> None:
        publisher = self.create_publisher(AudioDataStamped, AUDIO_TOPIC, _QOS)
        chunks = _chunks(files, value(self, "audio_rate"))

        def send() -> None:
            # A microphone stamps a chunk with the time of its first sample.
            publisher.publish(audio_message(next(chunks), self._now_ns() - round(CHUNK_S * 1e9), "microphone"))

        self.create_timer(CHUNK_S, send)

    def _now_ns(self) -> int:
        return int(self.get_clock().now().nanoseconds)


def files_in(folder: Path, endings: set[str]) -> list[Path]:
    """Files with these endings in a folder and below it. Raises ConfigurationError when there is none."""
    files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in endings)
    if not files:
        raise ConfigurationError(
            f"there is no {' or '.join(sorted(endings))} file", remedy="name another folder", source=str(folder)
        )
    return files


def _frames(files: list[Path], repeats: int, mode: int) -> Iterator[NDArray[Any]]:
    grain = np.random.default_rng(0)
    for path in cycle(files):
        pixels: Any = cv2.imread(str(path), mode)
        if pixels is None:
            raise ConfigurationError("the picture cannot be read", remedy="remove or repair it", source=str(path))
        limits = np.iinfo(pixels.dtype)
        for _ in range(repeats):
            # Two frames of a real camera are never equal to the bit, and a source that repeats itself is frozen.
            noisy = pixels.astype(np.int32) + grain.integers(-1, 2, pixels.shape, np.int8)
            yield np.clip(noisy, limits.min, limits.max).astype(pixels.dtype)


def _encoding(pixels: NDArray[Any]) -> str:
    if pixels.ndim == 3:
        return "bgr8"
    return "mono16" if pixels.dtype == np.uint16 else "mono8"


def _chunks(files: list[Path], rate_hz: int) -> Iterator[NDArray[np.float32]]:
    size = round(CHUNK_S * rate_hz)
    waiting = np.empty(0, np.float32)
    for path in cycle(files):
        waiting = np.concatenate((waiting, read_wav(path, rate_hz)))
        whole = len(waiting) // size * size
        yield from waiting[:whole].reshape(-1, size)
        waiting = waiting[whole:]


def read_wav(path: Path, rate_hz: int) -> NDArray[np.float32]:
    """Samples (N,) in [-1, 1] of a 16-bit WAV file, channels mixed. Raises ConfigurationError for any other file."""
    try:
        with wave.open(str(path)) as file:
            form = (file.getframerate(), 8 * file.getsampwidth())
            channels, content = file.getnchannels(), file.readframes(file.getnframes())
    except (OSError, wave.Error, EOFError) as error:
        raise ConfigurationError(
            f"the sound cannot be read: {error}", remedy="convert it to a 16-bit WAV file", source=str(path)
        ) from error
    if form != (rate_hz, 16):
        raise ConfigurationError(
            f"the file has {form[0]} Hz and {form[1]} bits, not {rate_hz} Hz and 16",
            remedy="set `audio_rate`, or convert the file",
            source=str(path),
        )
    whole = len(content) // (2 * channels) * (2 * channels)
    if whole == 0:
        raise ConfigurationError("the file holds no sound", remedy="remove it", source=str(path))
    samples = np.frombuffer(content[:whole], "<i2").reshape(-1, channels)
    return (samples.mean(axis=1) / 32768.0).astype(np.float32)


def main(arguments: list[str] | None = None) -> None:
    """Entry point of `ros2 run omnibind_ros file_player`."""
    check_arguments("file_player", __doc__, PARAMETERS, arguments)
    run(FilePlayer, arguments)


if __name__ == "__main__":
    main()
