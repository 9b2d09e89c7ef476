import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from training.__main__ import main  # noqa: E402
from training.run import Run  # noqa: E402
from training.teachers import steps  # noqa: E402


@pytest.fixture
def lessons(monkeypatch):
    """What the teachers were to be trained on, instead of training them."""
    given = []
    monkeypatch.setattr(steps, "teach", lambda folder, config, train: given.append((folder.name, train)))
    monkeypatch.setattr(Run, "split", lambda self, name: f"{self.data_step}/{name}")
    return given


def test_teachers_learn_from_the_training_split_once(begun, lessons, capsys):
    run = begun("simulate")
    assert main(["teach", *run]) == 0
    assert main(["teach", *run]) == 0
    assert lessons == [("teach", "simulate/train")]
    assert "teach: done already" in capsys.readouterr().out
    assert main(["teach", *run, "--set", "teach.epochs=3"]) == 0
    assert main(["teach", *run, "--force"]) == 0
    assert len(lessons) == 3


def test_of_recordings_they_read_what_the_cache_holds(begun, lessons, capsys):
    recordings = ["--set", "data.source=digits"]
    assert main(["teach", *begun("simulate"), *recordings]) == 1
    assert "`cache` comes first: python -m training cache" in capsys.readouterr().out
    assert main(["teach", *begun("cache"), *recordings]) == 0
    assert lessons == [("teach", "cache/train")]
