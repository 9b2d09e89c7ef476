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
from rclpy.qos import qos_profile_sensor_data
from sensor_msgs.msg import Image

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.nodes.driver_messages import audio_message, image_message
from omnibind_ros.nodes.parameters import ParameterSpec, declare, value
from omnibind_ros.nodes.process import run

PARAMETERS = (
    ParameterSpec("images", "", "Folder of colour pictures for `camera/image_raw`; empty for none."),
    ParameterSpec("thermal", "", "Folder of thermal pictures for `thermal/image_raw`; empty for none."),
    ParameterSpec("audio", "", "Folder of 16-bit WAV files for `microphone/audio_stamped`; empty for none."),
    ParameterSpec("rate", 10.0, "Pictures a second, Hz; each file is shown for `dwell` seconds.", bounds=(0.1, 100.0)),
    ParameterSpec("dwell", 2.0, "Seconds each picture is shown.", bounds=(0.1, 3600.0)),
    ParameterSpec(
        "audio_rate", 16000, "Rate of the WAV files, Hz; files of another rate are refused.", bounds=(1, 768000)
    ),
)
CHUNK_S = 0.1
_PICTURES = {".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff"}


class FilePlayer(Node):
    """Plays every folder in a loop; pictures are stamped when they are sent."""

    def __init__(self, **node_arguments: Any) -> None:
        super().__init__("file_player", **node_arguments)
        declare(self, PARAMETERS)
        for parameter, topic, encoding in (
            ("images", "camera/image_raw", "bgr8"),
            ("thermal", "thermal/image_raw", "mono8"),
        ):
            if value(self, parameter):
                self._play_pictures(files_in(Path(value(self, parameter)), _PICTURES), topic, encoding)
        if value(self, "audio"):
            self._play_sound(files_in(Path(value(self, "audio")), {".wav"}))

    def _play_pictures(self, files: list[Path], topic: str, encoding: str) -> None:
        publisher = self.create_publisher(Image, topic, qos_profile_sensor_data)
        repeats = max(1, round(value(self, "dwell") * value(self, "rate")))
        pictures = _repeated(files, repeats, cv2.IMREAD_COLOR if encoding == "bgr8" else cv2.IMREAD_ANYDEPTH)
        frame_id = topic.split("/", maxsplit=1)[0]

        def send() -> None:
            pixels = next(pictures)
            depth = "mono16" if encoding == "mono8" and pixels.dtype == np.uint16 else encoding
            publisher.publish(image_message(pixels, depth, self._now_ns(), frame_id))

        self.create_timer(1.0 / value(self, "rate"), send)

    def _play_sound(self, files: list[Path]) -> None:
        publisher = self.create_publisher(AudioDataStamped, "microphone/audio_stamped", qos_profile_sensor_data)
        chunks = _chunks(files, value(self, "audio_rate"))
        self.create_timer(CHUNK_S, lambda: publisher.publish(audio_message(next(chunks), self._now_ns(), "microphone")))

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


def _repeated(files: list[Path], repeats: int, mode: int) -> Iterator[NDArray[Any]]:
    for path in cycle(files):
        pixels = cv2.imread(str(path), mode)
        if pixels is None:
            raise ConfigurationError("the picture cannot be read", remedy="remove or repair it", source=str(path))
        # Two frames of a real camera are never equal to the bit, and a source that repeats itself counts as frozen.
        noise = np.random.default_rng(0)
        for _ in range(repeats):
            grain = noise.integers(-1, 2, pixels.shape, dtype=np.int16)
            most = 65535 if pixels.dtype == np.uint16 else 255
            yield np.clip(pixels.astype(np.int32) + grain, 0, most).astype(pixels.dtype)


def _chunks(files: list[Path], rate_hz: int) -> Iterator[NDArray[np.float32]]:
    for path in cycle(files):
        samples = read_wav(path, rate_hz)
        size = round(CHUNK_S * rate_hz)
        for start in range(0, len(samples) - size + 1, size):
            yield samples[start : start + size]


def read_wav(path: Path, rate_hz: int) -> NDArray[np.float32]:
    """Samples (N,) in [-1, 1] of a 16-bit WAV file, channels mixed. Raises ConfigurationError for any other file."""
    try:
        with wave.open(str(path)) as file:
            form = (file.getframerate(), file.getsampwidth())
            frames = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, file.getnchannels())
    except (wave.Error, EOFError, ValueError) as error:
        raise ConfigurationError(
            f"the sound cannot be read: {error}", remedy="convert it to a 16-bit WAV file", source=str(path)
        ) from error
    if form != (rate_hz, 2):
        raise ConfigurationError(
            f"the file has {form[0]} Hz and {8 * form[1]} bits, not {rate_hz} Hz and 16",
            remedy="set `audio_rate`, or convert the file",
            source=str(path),
        )
    return (frames.mean(axis=1) / 32768.0).astype(np.float32)


def main(arguments: list[str] | None = None) -> None:
    """Entry point of `ros2 run omnibind_ros file_player`."""
    run(FilePlayer, arguments)


if __name__ == "__main__":
    main()
