import pytest

pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from torch.utils.tensorboard import SummaryWriter

from training.evaluation.losses import draw_losses, read_losses


def log(folder, losses):
    with SummaryWriter(str(folder / "tensorboard")) as writer:
        for step, loss in enumerate(losses):
            writer.add_scalar("loss", loss, 10 * step)
            writer.add_scalar("temperature", 0.07, 10 * step)


def test_losses_of_every_trained_part_are_found(tmp_path):
    run = tmp_path / "run"
    log(run / "teach", [4.0, 3.0])
    log(run / "distil" / "touch", [6.0, 5.0, 4.5])
    log(tmp_path / "other" / "image", [7.0])
    (run / "distil" / "image").symlink_to(tmp_path / "other" / "image")
    log(run / "ablation" / "touch", [9.0])
    assert read_losses(run) == {
        "teach": {".": [(0, 4.0), (10, 3.0)]},
        "distil": {"image": [(0, 7.0)], "touch": [(0, 6.0), (10, 5.0), (20, 4.5)]},
    }


def test_a_run_that_has_logged_nothing_has_none(tmp_path):
    (tmp_path / "teach").mkdir()
    assert read_losses(tmp_path) == {}


def test_every_curve_runs_from_its_start_to_its_end():
    figure = draw_losses(
        {"teach": {".": [(0, 4.0), (10, 3.0)]}, "fuse": {"af": [(0, 2.0)], "reliable": [(0, 1.0), (3, 0.5)]}}
    )
    teachers, heads = figure.axes
    assert teachers.get_title(loc="left") == "Teachers"
    assert list(teachers.lines[0].get_xdata()) == [0, 100]
    assert teachers.get_legend() is None, "there is only one"
    assert [line.get_label() for line in heads.lines] == ["af", "reliable"]
    assert list(heads.lines[1].get_ydata()) == [1.0, 0.5]
