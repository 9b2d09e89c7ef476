import json

import pytest

pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from training.__main__ import main
from training.real_data import steps


def test_without_recordings_it_says_so_and_leaves_the_document_alone(tmp_path, monkeypatch, capsys):
    document = tmp_path / "results.md"
    document.write_text("<!-- begin real -->\nmeasured before\n<!-- end real -->\n")
    monkeypatch.setattr(steps, "_DOCUMENT", document)
    options = ["--data", str(tmp_path / "nowhere"), "--output", str(tmp_path / "results"), "--write-docs"]
    assert main(["prove", *options]) == 0
    assert "Not measured: KITTI clusters. " in capsys.readouterr().out
    assert "measured before" in document.read_text()
    assert json.loads((tmp_path / "results" / "real.json").read_text())["sets"] == {}


def test_what_was_measured_goes_into_the_document(tmp_path, monkeypatch):
    document = tmp_path / "results.md"
    document.write_text("<!-- begin real -->\nmeasured before\n<!-- end real -->\n")
    monkeypatch.setattr(steps, "_DOCUMENT", document)
    monkeypatch.setattr(steps, "prove", lambda *_: {"sets": {"sounds": {}}})
    monkeypatch.setattr(steps, "to_markdown", lambda _: "measured now")
    assert main(["prove", "--output", str(tmp_path), "--write-docs", "--seeds", "1"]) == 0
    assert document.read_text() == "<!-- begin real -->\nmeasured now\n<!-- end real -->\n"
