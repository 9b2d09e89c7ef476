"""Photos, thermal pictures and touches of real sensors over real DDS into embeddings and recognitions."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from every_modality import write_bundle_of_every_modality
from numpy.typing import NDArray

pytest.importorskip("rclpy", reason="needs ROS 2: run `make setup`")

from perception_process import Robot, perception, seen_now
from sensor_msgs.msg import CompressedImage, Image

from omnibind_ros.modality import Modality
from omnibind_ros.nodes.driver_messages import image_message

pytestmark = pytest.mark.ros


@pytest.fixture(scope="module")
def robot(recordings: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Robot]:
    folder = tmp_path_factory.mktemp("images")
    untouched = str(recordings / "tactile" / "vt60" / "touch_baseline.jpg")
    sources = {
        "camera": {"modality": "image"},
        "camera_compressed": {"modality": "image"},
        "thermal": {"modality": "thermal"},
        "thermal_counts": {"modality": "thermal"},
        "finger": {"modality": "touch", "reference": untouched, "ttl": 5.0},
        "finger_compressed": {"modality": "touch"},
        "gel": {"modality": "touch"},
    }
    with perception(folder, write_bundle_of_every_modality(folder / "bundle"), sources) as robot:
        yield robot


def found(folder: Path, pattern: str) -> list[Path]:
    files = sorted(folder.glob(pattern))
    if not files:
        pytest.skip(f"no recordings {pattern} in {folder}")
    return files


def read(path: Path) -> NDArray[Any]:
    pixels = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    assert pixels is not None
    return pixels


def sent_as(path: Path, encoding: str, frame_id: str) -> Image:
    return seen_now(image_message(read(path), encoding, 0, frame_id), frame_id)


def sent_as_file(path: Path, image_format: str, frame_id: str) -> CompressedImage:
    return seen_now(CompressedImage(format=image_format, data=path.read_bytes()), frame_id)


def test_photos_are_recognised_raw_and_compressed_alike(robot: Robot, recordings: Path) -> None:
    for path in found(recordings / "image" / "trio", "*.jpg"):
        raw = robot.recognise("camera", sent_as(path, "bgr8", "camera_optical"))
        compressed = robot.recognise("camera_compressed", sent_as_file(path, "bgr8; jpeg compressed bgr8", "eye"))
        assert raw.modality is compressed.modality is Modality.IMAGE
        assert raw.quality > 0.3
        np.testing.assert_allclose(raw.vector, compressed.vector, atol=1e-3)


def test_eight_bit_thermal_pictures_are_recognised(robot: Robot, recordings: Path) -> None:
    for path in found(recordings / "thermal" / "hituav_crops", "*/*.png")[::8]:
        embedding = robot.recognise("thermal", sent_as(path, "mono8", "thermal_optical"))
        assert embedding.modality is Modality.THERMAL


@pytest.mark.parametrize("encoding", ["mono16", "16UC1"])
def test_radiometric_counts_are_recognised(robot: Robot, recordings: Path, encoding: str) -> None:
    """Every picture is another camera's, and each camera has a range of its own."""
    for path in found(recordings / "thermal" / "irimage_flir", "*_raw16.png")[:4]:
        embedding = robot.recognise("thermal_counts", sent_as(path, encoding, "flir"))
        assert embedding.modality is Modality.THERMAL
        robot.unplug("thermal_counts")


def test_touches_are_recognised_against_the_frame_of_the_untouched_sensor(robot: Robot, recordings: Path) -> None:
    for path in found(recordings / "tactile" / "vt60" / "touch", "*/*.jpg")[::12]:
        embedding = robot.recognise("finger", sent_as(path, "mono8", "finger_tip"))
        assert embedding.modality is Modality.TOUCH
        assert embedding.quality > 0.3


def test_an_untouched_finger_is_live_but_says_nothing(robot: Robot, recordings: Path) -> None:
    untouched = sent_as(recordings / "tactile" / "vt60" / "touch_baseline.jpg", "mono8", "finger_tip")
    assert robot.embed("finger", untouched).quality == 0
    robot.bench.wait_until(lambda: robot.values("finger")["quality"] == "0.000", "the contact did not end")
    assert robot.values("finger")["state"] == "live"
    assert robot.values("finger")["weight"] == ""


def test_a_finger_without_a_reference_learns_it_from_quiet_frames_first(robot: Robot, recordings: Path) -> None:
    baseline = recordings / "tactile" / "vt60" / "touch_baseline.jpg"
    touch = found(recordings / "tactile" / "vt60" / "touch", "mug/*.jpg")[0]
    for _ in range(10):
        assert robot.embed("finger_compressed", sent_as_file(baseline, "jpeg", "finger_tip")).quality == 0
    assert robot.recognise("finger_compressed", sent_as_file(touch, "jpeg", "finger_tip")).quality > 0.3


def test_a_gel_under_changing_light_gives_embeddings_but_no_contact(robot: Robot, recordings: Path) -> None:
    """No two of its frames are alike, so that there is no quiet moment to learn the untouched gel from."""
    for path in found(recordings / "tactile" / "gelsight_groove", "*.png"):
        embedding = robot.embed("gel", sent_as(path, "mono8", "gel"))
        assert embedding.modality is Modality.TOUCH
        assert embedding.quality == 0
