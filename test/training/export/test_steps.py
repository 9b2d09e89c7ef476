import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

import json  # noqa: E402
import shutil  # noqa: E402
from types import SimpleNamespace  # noqa: E402

from omnibind_ros.modality import Modality  # noqa: E402
from training.__main__ import main  # noqa: E402
from training.export import steps  # noqa: E402
from training.fusion.heads.registry import BUNDLED  # noqa: E402
from training.run import Run  # noqa: E402


def test_students_are_exported_with_the_shapes_the_robot_will_send(begun, monkeypatch):
    exported = []
    monkeypatch.setattr(steps, "load_head", lambda folder: folder.name)
    monkeypatch.setattr(
        steps, "export", lambda folder, config, distilled, shapes, head: exported.append((shapes, head))
    )
    run = [*begun(f"fuse/{BUNDLED}"), "--set", "modalities=[image, audio, point]"]
    assert main(["export", *run, "--set", "data.inputs.point.points=128"]) == 0
    assert main(["export", *run]) == 0
    shapes, head = exported[0]
    assert shapes == {Modality.IMAGE: (3, 64, 64), Modality.AUDIO: (1, 98, 64), Modality.POINT: (128, 3)}
    assert head == BUNDLED, "whatever other heads were trained to compare with"
    assert len(exported) == 1


@pytest.fixture
def bundles(monkeypatch):
    """What bundles were to be made of, instead of making them."""
    made = []

    def make_bundle(folder, config, **parts):
        made.append({"folder": folder, **parts})
        folder.mkdir(exist_ok=True)
        (folder / "bundle.yaml").write_text("name: quick")
        return SimpleNamespace(modalities=config.modalities)

    monkeypatch.setattr(steps, "make_bundle", make_bundle)
    monkeypatch.setattr(Run, "labels", ("mug", "spoon"))
    monkeypatch.setattr(Run, "teachers", SimpleNamespace(centre_KkD=torch.zeros(2, 1, 128)))
    return made


@pytest.fixture
def run(begun, tmp_path, results) -> list[str]:
    """Options of a run that is exported and evaluated."""
    options = begun("export", "evaluate", f"calibrate/{BUNDLED}")
    (tmp_path / "quick" / "calibrate" / BUNDLED / "calibration.json").write_text('{"coverage": 0.9}')
    (tmp_path / "quick" / "evaluate" / "results.json").write_text(json.dumps(results))
    return options


def test_the_bundle_gets_what_the_steps_made_and_is_written_once(run, tmp_path, bundles, results, capsys):
    output = tmp_path / "bundle"
    assert main(["bundle", *run, "--output", str(output)]) == 0
    assert "2 labels" in capsys.readouterr().out
    assert main(["bundle", *run, "--output", str(output)]) == 0
    (parts,) = bundles
    assert parts["folder"] == output
    assert parts["calibration"] == {"coverage": 0.9}
    assert parts["results"] == results
    assert parts["tokenizer"] == tmp_path / "quick" / "distil" / "text" / "tokenizer.json"
    assert {"export", "evaluate"} <= set(parts["durations"])


def test_a_run_ends_with_a_report_that_lists_the_bundle(run, tmp_path, bundles):
    assert main(["bundle", *run]) == 0
    page = (tmp_path / "quick" / "report.html").read_text()
    assert "Training of omnibind-quick" in page
    assert "bundle.yaml" in page


def test_it_is_written_again_where_it_is_missing(run, tmp_path, bundles):
    assert main(["bundle", *run, "--output", str(tmp_path / "one")]) == 0
    assert main(["bundle", *run, "--output", str(tmp_path / "other")]) == 0
    shutil.rmtree(tmp_path / "other")
    assert main(["bundle", *run, "--output", str(tmp_path / "other")]) == 0
    assert [parts["folder"].name for parts in bundles] == ["one", "other", "other"]


def test_without_an_output_it_lies_in_the_runs_folder_and_without_text_it_has_no_tokenizer(run, tmp_path, bundles):
    assert main(["bundle", *run, "--set", "modalities=[image, touch]"]) == 0
    assert bundles[0]["folder"] == tmp_path / "quick" / "omnibind-quick"
    assert bundles[0]["tokenizer"] is None
