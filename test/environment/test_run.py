"""A program started in .venv finds ROS, the message packages and this package, by either way of starting it."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venv" / "bin" / "python"
PROGRAM = """
import rclpy
from vision_msgs.msg import Classification
from omnibind_ros.modality import Modality
from ament_index_python.packages import get_package_share_directory
print(get_package_share_directory("omnibind_ros"))
"""
OF_ANOTHER_ROS = {"_ROS_WHEELS_BOOTSTRAP_COMPLETE", "LD_LIBRARY_PATH", "PYTHONPATH", "AMENT_PREFIX_PATH"}

pytestmark = pytest.mark.skipif(not PYTHON.exists(), reason="this checkout has no .venv of `make setup`")


@pytest.mark.parametrize("command", [[str(PYTHON)], [str(ROOT / "environment" / "run.sh"), "python"]])
def test_ros_and_the_package_are_found(command: list[str], tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name not in OF_ANOTHER_ROS}
    done = subprocess.run(
        [*command, "-c", PROGRAM], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    share = Path(done.stdout.strip())
    assert share == ROOT / ".venv" / "share" / "omnibind_ros"
    assert {path.name: path.resolve() for path in share.iterdir()} == {
        name: ROOT / name for name in ("config", "launch", "models", "package.xml")
    }


def test_the_wrapper_starts_python_once_and_hides_the_ros_of_the_shell() -> None:
    environment = {**os.environ, "PYTHONPATH": "/opt/ros/jazzy/lib/python3.12/site-packages"}
    done = subprocess.run(
        [str(ROOT / "environment" / "run.sh"), "python", "-c", "import os, sys; print(os.environ); print(sys.path)"],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "'_ROS_WHEELS_BOOTSTRAP_COMPLETE': '1'" in done.stdout
    assert "/opt/ros" not in done.stdout
