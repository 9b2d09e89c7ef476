from pathlib import Path

import pytest

from benchmarks.first_recognition import STEPS, forget, steps_s

LOG = """\
[INFO] [1000.800000000] [perception_1]: ONNX Runtime runs the networks; for a GPU `ros2 run omnibind_ros doctor` says
[INFO] [1001.300000000] [perception_1]: bundle omnibind-sim with 30 labels; sources: camera (image)
[INFO] [1001.400000000] [perception_1]: camera: absent -> waiting: a publisher is there but sent nothing yet
[INFO] [1001.500000000] [perception_1]: camera: building -> live: data is arriving
"""


def test_the_steps_are_told_apart_by_the_log() -> None:
    steps = steps_s(LOG, 1000.0, 1001.6)
    assert len(steps) == len(STEPS)
    assert steps == pytest.approx([0.8, 0.5, 0.2, 0.1])


def test_a_line_that_is_missing_leaves_its_time_to_the_next_step() -> None:
    without = "\n".join(line for line in LOG.splitlines() if "bundle" not in line)
    assert steps_s(without, 1000.0, 1001.6) == pytest.approx([0.8, 0.0, 0.7, 0.1])
    assert sum(steps_s("", 1000.0, 1001.6)) == pytest.approx(1.6)


def test_files_can_be_taken_out_of_the_page_cache_and_are_as_before(tmp_path: Path) -> None:
    file = tmp_path / "library"
    file.write_bytes(b"code" * 1000)
    forget([file, tmp_path / "not there"])
    assert file.read_bytes() == b"code" * 1000
