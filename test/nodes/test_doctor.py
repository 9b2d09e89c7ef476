"""The doctor as a user calls it, with and without what it checks."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from omnibind_ros.diagnosis.survey import Survey
from omnibind_ros.nodes import doctor
from omnibind_ros.nodes.doctor import main

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def nobody_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No graph to look at, no GPU, a cache of its own."""
    monkeypatch.setattr(doctor, "_survey", lambda namespace, seconds: Survey({}))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("ROS_DOMAIN_ID", "7")


def run(*arguments: str) -> object:
    with pytest.raises(SystemExit) as ended:
        main([*arguments, "--backend", "onnxruntime"])
    return ended.value.code


def test_a_computer_in_order_ends_with_0(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("rclpy", reason="needs ROS 2: run `make setup`")
    assert run() == 0
    said = capsys.readouterr().out
    assert "nobody publishes on /camera/image_raw" in said
    assert "0 problem" in said


def test_a_problem_ends_with_1_and_stands_in_the_json(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ROS_DOMAIN_ID", "robot")
    assert run("--json", "--bundle", str(tmp_path)) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["verdict"] == "problem"
    bad = {one["subject"]: one for one in told["findings"] if one["verdict"] == "problem"}
    assert set(bad) == {"domain", "bundle"}
    assert all(one["remedy"] for one in bad.values())


@pytest.mark.parametrize(
    ("absent", "told"),
    [
        (["rclpy"], "it cannot be imported: No module named 'rclpy'"),
        (["rich"], "rich: not installed"),
        (["onnxruntime"], "cannot be checked: No module named 'onnxruntime'"),
        (
            ["yaml", "pydantic", "numba", "cv2", "rich", "rclpy", "vision_msgs"],
            "opencv, numba, pydantic, rich, PyYAML: not installed",
        ),
    ],
)
def test_what_is_missing_is_told_without_a_traceback(absent: list[str], told: str, tmp_path: Path) -> None:
    program = f"""
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {absent!r}:
            raise ModuleNotFoundError(f"No module named '{{name}}'", name=name)

sys.meta_path.insert(0, Absent())
from omnibind_ros.nodes.doctor import main
main(["--seconds", "0", "--backend", "onnxruntime"])
"""
    environment = {**os.environ, "COLUMNS": "400"}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    assert told in done.stdout
    assert "→" in done.stdout
