import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from omnibind_ros.modality import Modality  # noqa: E402
from training.__main__ import main  # noqa: E402
from training.students import steps  # noqa: E402
from training.students.measure import StudentCost  # noqa: E402


@pytest.fixture
def asked(monkeypatch):
    """What was to be measured, instead of measuring it."""
    given = []

    def measure_students(modalities, runs):
        given.append((list(modalities), runs))
        return [StudentCost(one, "nano", (1, 64, 64), 108_000, 9_300_000, 0.44, 0.08) for one in modalities]

    monkeypatch.setattr(steps, "measure_students", measure_students)
    return given


def test_the_chosen_students_are_printed_as_a_table(asked, capsys):
    assert main(["students", "--modality", "thermal", "--modality", "touch", "--runs", "3"]) == 0
    assert asked == [([Modality.THERMAL, Modality.TOUCH], 3)]
    printed = capsys.readouterr().out
    assert "| thermal | nano | 1×64×64 | 108 k | 9.3 M | 0.44 MB | 0.08 ms |" in printed
    assert "| touch | nano |" in printed


def test_all_of_them_are_measured_unless_some_are_chosen(asked):
    assert main(["students"]) == 0
    assert asked == [(list(Modality), 200)]


def test_a_sense_that_no_student_has_is_refused(asked, capsys):
    with pytest.raises(SystemExit):
        main(["students", "--modality", "smell"])
    assert "smell" in capsys.readouterr().err
    assert asked == []
