"""The demo as a user starts it: processes of its own, real DDS, a picture and one line of figures."""

import json
import os
import subprocess
import sys
from pathlib import Path

import cv2
import pytest

pytest.importorskip("rclpy", reason="needs ROS 2: run `make setup`")

pytestmark = pytest.mark.ros


def run_demo(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "omnibind_ros.nodes.demo", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, env={**os.environ})


def test_the_demo_recognises_and_leaves_a_picture_and_its_figures(tmp_path: Path) -> None:
    done = run_demo("--seed", "1", "--duration", "12", "--output", str(tmp_path))
    figures = json.loads(done.stdout.splitlines()[-1])
    assert done.returncode == 0, f"{figures}\n{done.stderr[-2000:]}"
    assert figures["labels"] >= 20
    assert set(figures["modalities"]) >= {"image", "thermal", "audio"}
    assert figures["recognitions"] > 50
    assert cv2.imread(str(tmp_path / "timeline.png")) is not None
    assert done.stderr.splitlines()[-1] == f"picture: {tmp_path / 'timeline.png'}"


def test_a_demo_that_cannot_start_says_so_in_one_line(tmp_path: Path) -> None:
    done = run_demo("--bundle", str(tmp_path / "nowhere"), "--output", str(tmp_path))
    assert done.returncode != 0
    assert "no bundle there" in done.stderr
    assert "Traceback" not in done.stderr
