import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from training.__main__ import main  # noqa: E402
from training.fusion import steps  # noqa: E402
from training.fusion.embedded import load_embedded, save_embedded  # noqa: E402
from training.fusion.fuse import HEAD_FILE  # noqa: E402
from training.run import Run  # noqa: E402

DISTILLED = tuple(f"distil/{modality}" for modality in ("image", "text", "thermal", "event", "touch", "audio", "point"))


@pytest.fixture
def embedded_splits(monkeypatch, sharp_embedded):
    """The splits that were embedded, in their order, with their views."""
    seen = []

    def embed_split(samples, config, distilled, views, *, split):
        assert samples == split
        assert distilled.name == "distil"
        seen.append((split, views))
        return sharp_embedded

    monkeypatch.setattr(Run, "split", lambda self, name: name)
    monkeypatch.setattr(steps, "embed_split", embed_split)
    return seen


def test_the_splits_that_students_did_not_learn_from_are_embedded_once(tmp_path, begun, embedded_splits):
    run = begun("simulate", *DISTILLED)
    assert main(["embed", *run]) == 0
    assert embedded_splits == [("fusion", 4), ("validation", 1), ("test", 1)], "only the heads learn from several views"
    assert len(load_embedded(tmp_path / "quick" / "embed" / "test")) == 120
    assert main(["embed", *run]) == 0
    assert len(embedded_splits) == 3


def test_without_every_student_nothing_is_embedded(begun, embedded_splits, capsys):
    assert main(["embed", *begun("simulate", *DISTILLED[:-1])]) == 1
    assert "`distil/point` comes first: python -m training distil" in capsys.readouterr().out
    assert embedded_splits == []


@pytest.fixture
def heads(begun, tmp_path, sharp_embedded, sharp_centres, monkeypatch):
    """Options of a run whose splits are embedded, its heads trained for two steps."""
    run = begun("embed/fusion")
    save_embedded(sharp_embedded, tmp_path / "quick" / "embed" / "fusion")
    monkeypatch.setattr(Run, "teachers", type("Teachers", (), {"centre_KkD": sharp_centres}))
    return [*run, "--set", "fuse.steps=2"]


def test_the_heads_of_the_configuration_are_trained_one_after_the_other(heads, tmp_path, capsys):
    several = [*heads, "--set", "fuse.heads=[linear, mean]"]
    assert main(["fuse", *several]) == 0
    told = capsys.readouterr().out
    assert told.index("fuse/linear: done in") < told.index("fuse/mean: running")
    assert sorted(path.parent.name for path in tmp_path.rglob(HEAD_FILE)) == ["linear", "mean"]
    assert main(["fuse", *several]) == 0
    assert "running" not in capsys.readouterr().out


def test_another_head_leaves_those_that_are_trained(heads, tmp_path, capsys):
    assert main(["fuse", "--head", "linear", *heads]) == 0
    assert main(["fuse", *heads, "--set", "fuse.heads=[linear, af]"]) == 0
    told = capsys.readouterr().out
    assert "fuse/linear: done already" in told
    assert "fuse/af: done in" in told


def test_other_settings_train_it_again(heads, capsys):
    assert main(["fuse", "--head", "linear", *heads]) == 0
    capsys.readouterr()
    assert main(["fuse", "--head", "linear", *heads, "--set", "fuse.batch=32"]) == 0
    assert "fuse/linear: running" in capsys.readouterr().out
