import pytest

pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

import json

from html_checker import Checker

from training.config_file import load_config, shipped_path
from training.evaluation.html_report import write_report
from training.run_folder import RunFolder


@pytest.fixture
def run(tmp_path) -> RunFolder:
    run = RunFolder(tmp_path, load_config(shipped_path("quick")))
    (run.step("fuse/reliable") / "finished.json").write_text(json.dumps({"seconds": 90.0}))
    return run


def test_the_report_is_one_sound_page_with_figures_pictures_and_tables(run, results, tmp_path):
    (run.step("evaluate") / "heads.png").write_bytes(b"\x89PNG")
    bundled = {**results["heads"]["reliable"], "by_number": {"1": 0.8, "all": 0.857}}
    write_report(tmp_path / "report.html", run, {**results, "heads": {**results["heads"], "reliable": bundled}})
    found = Checker((tmp_path / "report.html").read_text())
    assert found.links == ["data:image/png;base64,iVBORw=="], (
        "only the picture that there is, and nothing from elsewhere"
    )
    text = " ".join(found.texts)
    assert "Training of omnibind-quick" in text
    for expected in ("85.7 %", "7.1 points", "4.0 %", "1.5 min", "fuse/reliable", "image+touch+event (image)"):
        assert expected in text
    assert "bundle" not in text


def test_texts_stand_left_and_numbers_right(run, results, tmp_path):
    write_report(tmp_path / "report.html", run, results)
    page = (tmp_path / "report.html").read_text()
    assert "<td>reliable</td>" in page
    assert "<td class=number>97.0</td>" in page
    assert "<td class=number>noise</td>" not in page


def test_losses_are_drawn_where_there_are_any(run, results, tmp_path):
    from torch.utils.tensorboard import SummaryWriter  # noqa: PLC0415

    with SummaryWriter(str(run.step("teach") / "tensorboard")) as writer:
        writer.add_scalar("loss", 4.0, 0)
    write_report(tmp_path / "report.html", run, results)
    assert "How it learned" in (tmp_path / "report.html").read_text()


def test_the_bundles_files_are_listed(run, results, tmp_path):
    bundle = tmp_path / "my-bundle"
    bundle.mkdir()
    (bundle / "image.onnx").write_bytes(bytes(1_500_000))
    write_report(tmp_path / "report.html", run, results, bundle=bundle)
    assert "<td>image.onnx</td><td class=number>1.50</td>" in (tmp_path / "report.html").read_text()
