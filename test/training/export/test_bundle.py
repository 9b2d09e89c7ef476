import subprocess

import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from omnibind_ros.inference.bundle import load_bundle  # noqa: E402
from omnibind_ros.modality import Modality  # noqa: E402
from training.data.inputs import input_settings  # noqa: E402
from training.export import bundle as module  # noqa: E402
from training.export.bundle import code_commit, make_bundle  # noqa: E402
from training.export.export import export  # noqa: E402
from training.fusion.fuse import load_head  # noqa: E402


def test_a_bundle_holds_what_was_trained_and_says_how(
    tiny_config, distilled, fused, teachers, splits, results, tmp_path
):
    shapes = {modality: input_settings(modality).input_shape for modality in tiny_config.modalities}
    exported = tmp_path / "export"
    exported.mkdir()
    export(exported, tiny_config, distilled, shapes, load_head(fused))
    make_bundle(
        tmp_path / "bundle",
        tiny_config,
        exported=exported,
        tokenizer=distilled / "text" / "tokenizer.json",
        labels=splits["train"].labels,
        centre_KkD=teachers.centre_KkD,
        calibration={"temperatures": [0.05], "thresholds": [0.5], "coverage": 0.95},
        results=results,
        durations={"teach": 1.0},
    )
    bundle = load_bundle(tmp_path / "bundle")
    assert bundle.modalities == (Modality.IMAGE, Modality.TEXT, Modality.THERMAL)
    assert bundle.description.labels.names == splits["train"].labels
    assert bundle.settings[Modality.THERMAL] == input_settings(Modality.THERMAL)
    assert bundle.description.provenance["config"]["seed"] == tiny_config.seed
    assert bundle.description.space.id.startswith("omnibind-quick/")
    torch.testing.assert_close(torch.from_numpy(bundle.centres_KkD.copy()), teachers.centre_KkD)
    assert bundle.description.metrics["combinations"]["image+touch"] == 0.95
    assert "## Limits" in (tmp_path / "bundle" / "README.md").read_text()


def test_the_commit_of_the_code_is_told_and_that_it_was_changed(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_HERE", tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert code_commit() is None

    def git(*arguments):
        command = ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@b.c", *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    git("init")
    (tmp_path / "code.py").write_text("1\n")
    git("add", "code.py")
    git("commit", "--message", "One")
    assert code_commit() == git("rev-parse", "HEAD")
    (tmp_path / "code.py").write_text("2\n")
    assert code_commit() == git("rev-parse", "HEAD") + "+changes"
