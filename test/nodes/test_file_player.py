import wave
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from every_modality import write_bundle_of_every_modality

pytest.importorskip("rclpy", reason="needs ROS 2: run `make setup`")

from audio_common_msgs.msg import AudioDataStamped
from diagnostic_msgs.msg import DiagnosticArray
from sensor_msgs.msg import Image, PointCloud2

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.messages.header import stamp_ns_of
from omnibind_ros.messages.image import intensity_from_image, rgb_from_image
from omnibind_ros.nodes.file_player import AUDIO_TOPIC, PICTURE_TOPICS, FilePlayer, files_in, read_wav
from omnibind_ros.nodes.perception import PerceptionNode

if TYPE_CHECKING:
    from ros_bench import Bench

pytestmark = pytest.mark.ros


def write_wav(path: Path, samples: np.ndarray, *, rate_hz: int = 16_000, width: int = 2, channels: int = 1) -> Path:
    path.parent.mkdir(exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate_hz)
        file.writeframes(samples.tobytes())
    return path


def write_picture(path: Path, pixels: np.ndarray) -> None:
    path.parent.mkdir(exist_ok=True)
    assert cv2.imwrite(str(path), pixels)


def test_colour_pictures_are_shown_one_after_the_other_and_no_frame_twice(bench: "Bench", tmp_path: Path) -> None:
    for name, grey in (("b.png", 200), ("a.png", 100)):
        write_picture(tmp_path / "photos" / name, np.full((12, 16, 3), (grey, grey + 10, grey + 20), np.uint8))
    heard = bench.hear(PICTURE_TOPICS["images"], Image)
    bench.make(FilePlayer, images=str(tmp_path), rate=100.0, dwell=0.02)
    bench.wait_until(lambda: len(heard) >= 4, "no four frames")
    frames = [rgb_from_image(message).astype(int) for message in heard]
    shown = [round(float(frame[..., 2].mean()), -1) for frame in frames]
    assert set(shown) == {100, 200}
    assert all(np.abs(frame - frame.mean(axis=(0, 1))).max() < 2 for frame in frames)
    assert all((one != other).any() for one, other in pairwise(frames))
    assert heard[0].header.frame_id == "camera"
    assert abs(stamp_ns_of(heard[-1]) - bench.node.get_clock().now().nanoseconds) < 1e9


@pytest.mark.parametrize(("dtype", "encoding", "level"), [(np.uint8, "mono8", 255), (np.uint16, "mono16", 29_000)])
def test_thermal_pictures_keep_their_bits(
    bench: "Bench", tmp_path: Path, dtype: type[np.generic], encoding: str, level: int
) -> None:
    write_picture(tmp_path / "heat.png", np.full((12, 16), level, dtype))
    heard = bench.hear(PICTURE_TOPICS["thermal"], Image)
    bench.make(FilePlayer, thermal=str(tmp_path), rate=100.0)
    bench.wait_until(lambda: heard, "no frame")
    counts = intensity_from_image(heard[0])
    assert heard[0].encoding == encoding
    assert counts.dtype == dtype
    assert np.abs(counts.astype(int) - level).max() <= 1


def test_short_sounds_are_joined_without_a_gap(bench: "Bench", tmp_path: Path) -> None:
    samples = np.arange(3000, dtype="<i2")
    write_wav(tmp_path / "1.wav", samples[:1000])
    write_wav(tmp_path / "2.wav", samples[1000:])
    heard = bench.hear(AUDIO_TOPIC, AudioDataStamped)
    bench.make(FilePlayer, audio=str(tmp_path))
    bench.wait_until(lambda: len(heard) >= 4, "no four chunks")
    played = np.concatenate([np.frombuffer(message.audio.data, "<i2") for message in heard])
    assert len(played) == 1600 * len(heard)
    steps = np.diff(played.astype(int))
    assert np.isin(steps, (0, 1, -played.max(), -2999)).all()
    sent_ns = [stamp_ns_of(message) for message in heard]
    assert sent_ns == sorted(sent_ns)


def test_channels_are_mixed(tmp_path: Path) -> None:
    stereo = np.array([[1000, 3000], [-2000, 2000]], "<i2")
    np.testing.assert_allclose(
        read_wav(write_wav(tmp_path / "stereo.wav", stereo, channels=2), 16_000), np.array([2000, 0]) / 32768
    )


def test_a_folder_without_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no picture")
    with pytest.raises(ConfigurationError, match=r"there is no \.png file"):
        files_in(tmp_path, {".png"})


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (lambda path: path.write_bytes(b"RIFF nonsense"), "cannot be read"),
        (lambda path: path.mkdir(), "cannot be read"),
        (lambda path: write_wav(path, np.zeros(9, "<i2"), rate_hz=8000), "8000 Hz and 16 bits, not 16000 Hz"),
        (lambda path: write_wav(path, np.zeros(9, np.uint8), width=1), "16000 Hz and 8 bits"),
        (lambda path: write_wav(path, np.zeros(0, "<i2")), "no sound"),
    ],
    ids=["nonsense", "folder", "rate", "width", "empty"],
)
def test_a_file_that_is_no_such_sound_is_refused_by_name(tmp_path: Path, make, problem: str) -> None:
    path = tmp_path / "sound.wav"
    make(path)
    with pytest.raises(ConfigurationError, match=problem) as refused:
        read_wav(path, 16_000)
    assert refused.value.source == str(path)


def test_a_picture_that_cannot_be_read_ends_the_player_by_name(bench: "Bench", tmp_path: Path) -> None:
    (tmp_path / "broken.png").write_bytes(b"\x89PNG")
    bench.make(FilePlayer, images=str(tmp_path), rate=100.0)
    with pytest.raises(ConfigurationError, match=r"broken\.png: the picture cannot be read"):
        bench.wait_until(lambda: False, "the player went on")


def test_folders_of_real_recordings_are_perceived(bench: "Bench", tmp_path: Path, recordings: Path) -> None:
    bundle = write_bundle_of_every_modality(tmp_path / "bundle")
    folders = {
        "images": recordings / "image" / "trio",
        "thermal": recordings / "thermal" / "hituav_crops",
        "touch": recordings / "tactile" / "vt60" / "touch",
        "audio": recordings / "audio" / "esc10_16k",
    }
    sources = {
        "camera": {"modality": "image", "topic": PICTURE_TOPICS["images"]},
        "thermal": {"modality": "thermal", "topic": PICTURE_TOPICS["thermal"]},
        "touch": {"modality": "touch", "topic": PICTURE_TOPICS["touch"]},
        "microphone": {"modality": "audio", "topic": AUDIO_TOPIC},
    }
    bench.hear("sources", DiagnosticArray)
    heard = [bench.hear(f"embedding/{source}", PointCloud2) for source in sources]
    bench.make(PerceptionNode, bundle=str(bundle.folder), sources=list(sources), **sources)
    bench.make(FilePlayer, **{name: str(folder) for name, folder in folders.items()})
    for source in sources:
        bench.wait_for_state(source, "live")
    bench.wait_until(lambda: all(heard), "not every source has an embedding")
