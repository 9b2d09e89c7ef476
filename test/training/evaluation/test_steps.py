import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

import json  # noqa: E402

from safetensors.torch import save_file  # noqa: E402

from omnibind_ros.recognition.label_bank import LabelBank  # noqa: E402
from training.__main__ import main  # noqa: E402
from training.evaluation import steps  # noqa: E402
from training.fusion.embedded import save_embedded  # noqa: E402
from training.fusion.fuse import HEAD_FILE  # noqa: E402
from training.fusion.heads.registry import make_head  # noqa: E402
from training.run import Run  # noqa: E402

NAMES = [f"label {number}" for number in range(12)]
HEADS = ("linear", "reliable")


@pytest.fixture
def run(begun, tmp_path, sharp_embedded, sharp_centres, monkeypatch) -> list[str]:
    """Options of a run with two trained heads and embedded splits."""
    options = begun(*(f"fuse/{name}" for name in HEADS), "embed/fusion", "embed/validation", "embed/test")
    for name in HEADS:
        torch.manual_seed(0)
        save_file(make_head(name).state_dict(), tmp_path / "quick" / "fuse" / name / HEAD_FILE)
    for split in ("fusion", "validation", "test"):
        save_embedded(sharp_embedded, tmp_path / "quick" / "embed" / split)
    monkeypatch.setattr(Run, "bank", LabelBank(NAMES, sharp_centres.numpy()))
    return [*options, "--set", f"fuse.heads=[{', '.join(HEADS)}]", "--set", "calibrate.most_tokens=2"]


def temperatures(tmp_path, name):
    return json.loads((tmp_path / "quick" / "calibrate" / name / "calibration.json").read_text())["temperatures"]


def test_every_head_has_a_calibration_of_its_own_and_a_second_run_does_nothing(run, tmp_path, capsys):
    assert main(["calibrate", *run]) == 0
    linear, reliable = (temperatures(tmp_path, name) for name in HEADS)
    assert len(linear) == len(reliable) == 2
    assert linear != reliable
    capsys.readouterr()
    assert main(["calibrate", *run]) == 0
    assert "running" not in capsys.readouterr().out


def test_one_head_more_does_not_calibrate_the_others_again(run, capsys):
    assert main(["calibrate", *run, "--set", "fuse.heads=[linear]"]) == 0
    assert main(["calibrate", *run, "--set", "fuse.heads=[linear, reliable]"]) == 0
    told = capsys.readouterr().out
    assert "calibrate/linear: done already" in told
    assert "calibrate/reliable: done in" in told


@pytest.fixture
def evaluated(monkeypatch, results):
    """What was to be evaluated, instead of evaluating it."""
    given = []

    def evaluate(folder, config, **what):
        given.append(what)
        return results

    monkeypatch.setattr(steps, "evaluate", evaluate)
    return given


def test_all_heads_are_evaluated_on_the_test_split_with_their_calibrations(run, tmp_path, evaluated, capsys):
    assert main(["calibrate", *run]) == 0
    assert main(["evaluate", *run]) == 0
    (what,) = evaluated
    assert tuple(what["heads"]) == HEADS
    for name in HEADS:
        assert what["heads"][name].calibration.temperatures == temperatures(tmp_path, name)
    assert what["bank_with_unseen"] is None, "without unseen labels there is nothing to measure on them"
    assert "| image | 91.2 |" in capsys.readouterr().out
    assert "91.2" in (tmp_path / "quick" / "evaluate" / "report.html").read_text()
    assert main(["evaluate", *run]) == 0
    assert len(evaluated) == 1
    assert main(["evaluate", *run, "--force"]) == 0
    assert len(evaluated) == 2


def test_a_head_without_a_calibration_is_not_evaluated(run, evaluated, capsys):
    assert main(["calibrate", *run, "--set", "fuse.heads=[linear]"]) == 0
    assert main(["evaluate", *run, "--set", "fuse.heads=[linear, reliable]"]) == 1
    assert "`calibrate/reliable` comes first: python -m training calibrate" in capsys.readouterr().out
    assert evaluated == []
