import os

import pytest

pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from training.data.workers import run_jobs


def test_every_job_is_done_and_the_environment_is_left_as_it_was(tmp_path):
    before = dict(os.environ)
    run_jobs("copy", os.mkdir, [(tmp_path / str(number),) for number in range(3)], workers=1)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0", "1", "2"]
    assert dict(os.environ) == before


def test_the_first_error_is_raised(tmp_path):
    with pytest.raises(FileExistsError):
        run_jobs("copy", os.mkdir, [(tmp_path,)], workers=1)


def test_no_jobs_start_no_process():
    run_jobs("nothing", os.mkdir, [], workers=1)
