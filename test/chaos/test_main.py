"""Two cheap scenarios as `make chaos` runs them: processes of their own, real DDS, a report."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("rclpy", reason="needs ROS 2: run `make setup`")

pytestmark = [pytest.mark.ros, pytest.mark.slow]

ROOT = Path(__file__).resolve().parents[2]
CHEAP = ("type_changes", "wrong_clock")


def test_two_scenarios_pass_and_leave_a_report(tmp_path: Path) -> None:
    only = [word for name in CHEAP for word in ("--only", name)]
    command = [sys.executable, "-m", "chaos", *only, "--output", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)
    report = json.loads((tmp_path / "report.json").read_text())
    assert done.returncode == 0, report
    assert report["passed"]
    assert [one["name"] for one in report["scenarios"]] == list(CHEAP)
    for one in report["scenarios"]:
        assert one["lost_sources"] == []
        assert one["longest_gap_s"] <= 1.0


def test_a_scenario_that_does_not_exist_is_refused() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "chaos", "--only", "earthquake"],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 2
    assert "drivers_killed" in done.stderr
