import cv2
import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from recorded_bag import every, frame, write_bag

from omnibind_ros.modality import Modality
from training.__main__ import main
from training.data import cache
from training.data.sample_set import SampleSet
from training.data.splits import SPLITS


@pytest.fixture(autouse=True)
def _in_this_process(monkeypatch):
    def run_jobs(name, function, jobs, workers):
        for job in jobs:
            function(*job)

    monkeypatch.setattr(cache, "run_jobs", run_jobs)


def test_folders_become_samples_and_a_second_run_does_nothing(tmp_path, capsys):
    generator = np.random.default_rng(0)
    for modality in ("image", "touch"):
        for label in ("mug", "wine_glass"):
            (tmp_path / "mine" / modality / label).mkdir(parents=True)
            for number in range(12):
                picture = generator.integers(0, 256, (20, 20, 3), np.uint8)
                cv2.imwrite(str(tmp_path / "mine" / modality / label / f"{number}.png"), picture)
    config = tmp_path / "mine.yaml"
    config.write_text(f"name: mine\nmodalities: [image, touch]\ndata: {{source: {tmp_path / 'mine'}}}\n")
    run = ["--config", str(config), "--build", str(tmp_path / "build")]
    for step in ("simulate", "index", "match", "cache"):
        assert main([step, *run]) == 0
    samples = [SampleSet(tmp_path / "build" / "mine" / "cache" / split) for split in SPLITS]
    assert sum(len(split.items(Modality.TOUCH)) for split in samples) == 24
    assert samples[0].labels == ("mug", "wine glass")
    capsys.readouterr()
    for step in ("index", "match", "cache"):
        assert main([step, *run]) == 0
    assert "running" not in capsys.readouterr().out


def test_a_source_that_is_none_is_told_without_a_traceback(tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    run = ["--config", "quick", "--set", f"data.source={tmp_path / 'empty'}", "--build", str(tmp_path)]
    assert main(["index", *run]) == 1
    assert "there is no recording in it" in capsys.readouterr().out


def test_a_step_before_its_time_says_what_to_run(tmp_path, capsys):
    run = ["--config", "quick", "--set", "data.source=digits", "--build", str(tmp_path)]
    assert main(["match", *run]) == 1
    assert "python -m training index" in capsys.readouterr().out


def test_a_bag_is_extracted_from_the_command_line(tmp_path, capsys):
    bag = write_bag(tmp_path / "bag", every(0.1, 2.0, "/camera/image_raw", frame))
    (tmp_path / "spans.csv").write_text("start,end,label\n0,2,mug\n")
    assert main(["extract", str(bag), str(tmp_path / "spans.csv"), str(tmp_path / "out")]) == 0
    assert "2 image" in capsys.readouterr().out
    assert (tmp_path / "out" / "index.csv").is_file()
