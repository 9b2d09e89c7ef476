import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from omnibind_ros.modality import Modality  # noqa: E402
from training.__main__ import main  # noqa: E402
from training.distillation import steps  # noqa: E402
from training.run import Run  # noqa: E402


@pytest.fixture
def students(monkeypatch):
    """The students that were to be trained, in their order, instead of training them."""
    trained = []

    def distil(folder, config, modality, *, train, held_out, teachers):
        assert (train, held_out, teachers) == ("train", "validation", "teachers")
        assert folder.name == modality.value
        trained.append(modality.value)

    def distil_text(folder, config, *, labels, **data):
        assert labels == ("mug", "spoon")
        distil(folder, config, Modality.TEXT, **data)

    monkeypatch.setattr(steps, "distil", distil)
    monkeypatch.setattr(steps, "distil_text", distil_text)
    for name, value in (("split", lambda self, name: name), ("labels", ("mug", "spoon")), ("teachers", "teachers")):
        monkeypatch.setattr(Run, name, value)
    return trained


def test_every_modality_of_the_run_gets_a_student_once(begun, students):
    run = [*begun("simulate", "teach"), "--set", "modalities=[image, text, touch]"]
    assert main(["distil", *run]) == 0
    assert main(["distil", *run]) == 0
    assert students == ["image", "text", "touch"]


def test_chosen_modalities_are_trained_alone_and_the_others_later(begun, students, capsys):
    run = [*begun("simulate", "teach"), "--set", "modalities=[image, text, touch]"]
    assert main(["distil", "--modality", "touch", *run]) == 0
    assert students == ["touch"]
    assert main(["distil", *run]) == 0
    assert students == ["touch", "image", "text"]
    assert "distil/touch: done already" in capsys.readouterr().out
    assert main(["distil", "--modality", "image", "--modality", "text", "--force", *run]) == 0
    assert students[3:] == ["image", "text"]


def test_other_settings_and_other_teachers_train_all_again(begun, students):
    run = [*begun("simulate", "teach"), "--set", "modalities=[image, touch]"]
    assert main(["distil", *run]) == 0
    assert main(["distil", *run, "--set", "distil.size=nano"]) == 0
    assert students == ["image", "touch"] * 2


def test_the_size_of_one_modality_trains_that_one_again(begun, students):
    run = [*begun("simulate", "teach"), "--set", "modalities=[image, touch]"]
    assert main(["distil", *run]) == 0
    assert main(["distil", *run, "--set", "distil.sizes={touch: nano}"]) == 0
    assert students == ["image", "touch", "touch"]
    same = ["--set", "distil.size=nano", "--set", "distil.sizes={image: small}"]
    assert main(["distil", *run, *same]) == 0
    assert students == ["image", "touch", "touch"], "it is the size that counts, not where it is written"


def test_students_wait_for_their_teachers(begun, students, capsys):
    assert main(["distil", *begun("simulate")]) == 1
    assert "python -m training teach" in capsys.readouterr().out
    assert students == []
