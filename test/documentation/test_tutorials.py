"""The tutorials, from their first command to their last, with little data and hardly any training.

Nodes in them run until they are told to end: test_commands.py runs those.
"""

import os
import re
import subprocess
import sys
import wave
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from documented_commands import NODES, ROOT, TUTORIALS, Command, commands
from numpy.typing import NDArray
from recorded_bag import every, frame, write_bag

# What a reader's commands do in hours is done here in seconds.
QUICK = (
    "teach.epochs=1",
    "teach.batch=8",
    "teach.phrases=20",
    "distil.epochs=1",
    "distil.batch=8",
    "distil.text_steps=4",
    "distil.text_phrases=20",
    "fuse.steps=4",
    "fuse.batch=8",
    "calibrate.draws=1",
    "cache.workers=1",
)
LABELS = ("red_mug", "allen_key")
FILE = re.compile(r"`([\w.]+\.(?:yaml|csv|py))`[^\n]*:\n\n```(?:yaml|csv|python)\n(.*?)^```", re.DOTALL | re.MULTILINE)


def picture(label: int, number: int) -> NDArray[np.uint8]:
    """Like the others of its label, and no other label's."""
    shape = np.random.default_rng(label).integers(0, 256, (6, 8, 3), np.uint8)
    shape[number % 6] = 255 - shape[number % 6]
    return cv2.resize(shape, (64, 48), interpolation=cv2.INTER_NEAREST)


def write_objects(folder: Path) -> None:
    for label, name in enumerate(LABELS):
        for modality in ("image", "audio"):
            (folder / name / modality).mkdir(parents=True)
        for number in range(10):
            cv2.imwrite(str(folder / name / "image" / f"{number:04}.png"), picture(label, number))
            noise = np.random.default_rng(10 * label + number).normal(0, 3000, 16000).astype("<i2")
            with wave.open(str(folder / name / "audio" / f"{number:04}.wav"), "wb") as sound:
                sound.setparams((1, 2, 16000, 0, "NONE", ""))
                sound.writeframes(noise.tobytes())


def write_drive(folder: Path, topic: str) -> None:
    """Sixteen seconds in which the thing before the camera changes every four."""

    def seen(stamp_ns: int) -> Any:
        second = stamp_ns // 10**9 % 10**3
        shown = picture(second // 4 % 2, second)
        return frame(stamp_ns, data=shown.tobytes())

    write_bag(folder, every(0.5, 16.0, topic, seen))


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clone in which the reader has recordings of their own."""
    for name in (".venv", "config", "environment", "models", "omnibind_ros", "training"):
        (tmp_path / name).symlink_to(ROOT / name)
    write_objects(tmp_path / "my_objects")
    write_drive(tmp_path / "drive", "/camera/image_raw")
    write_drive(tmp_path / "rear_minute", "/rear/image_raw")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path


def run(command: Command, place: Path) -> None:
    if command.training is not None:
        from training.__main__ import main  # noqa: PLC0415 (it imports torch)

        quick = [part for one in QUICK for part in ("--set", one)] if command.training[0] == "all" else []
        assert main([*command.training, *quick]) == 0, command
    elif command.module and command.executable not in NODES:
        done = subprocess.run(
            ["bash", "-c", command.as_run_here()], cwd=place, capture_output=True, text=True, check=False, timeout=120
        )
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"


# Exporting two bundles takes most of a minute.
SLOW = {"retrain_for_new_hardware"}
EVERY = [pytest.param(path, id=path.stem, marks=[pytest.mark.slow] * (path.stem in SLOW)) for path in TUTORIALS]


@pytest.mark.parametrize("tutorial", EVERY)
def test_a_tutorial_works_from_its_first_command_to_its_last(tutorial: Path, place: Path) -> None:
    pytest.importorskip("torch", reason="needs `make setup-training`")
    text = tutorial.read_text(encoding="utf-8")
    for name, content in FILE.findall(text):
        (place / name).write_text(content, encoding="utf-8")
    for command in commands([tutorial]):
        run(command, place)
    # What the text says has been made.
    for made in re.findall(r"`((?:build|after)/[\w./-]+)`", text):
        assert (place / made).exists(), made


@pytest.mark.ros
def test_the_relay_makes_pictures_of_what_arrives(place: Path) -> None:
    pytest.importorskip("rclpy", reason="needs ROS 2: run `make setup`")
    from ros_bench import Bench  # noqa: PLC0415
    from sensor_msgs.msg import Image  # noqa: PLC0415
    from std_msgs.msg import Float32MultiArray  # noqa: PLC0415

    from omnibind_ros.messages.image import intensity_from_image  # noqa: PLC0415

    text = (ROOT / "docs" / "tutorials" / "add_your_own_sensor.md").read_text(encoding="utf-8")
    (place / "relay.py").write_text(dict(FILE.findall(text))["relay.py"], encoding="utf-8")
    bench = Bench()
    process = subprocess.Popen([sys.executable, "relay.py"], cwd=place, env=os.environ)
    try:
        heard = bench.hear("thermal/image_raw", Image)
        publisher = bench.node.create_publisher(Float32MultiArray, "thermal/celsius", 1)
        bench.node.create_timer(0.2, lambda: publisher.publish(Float32MultiArray(data=[20.0] * 768)))
        bench.wait_until(lambda: heard, "no picture came")
        kelvin = intensity_from_image(heard[0])
        assert kelvin.shape == (24, 32)
        np.testing.assert_allclose(kelvin, 293.15)
    finally:
        process.kill()
        process.wait()
        bench.close()
