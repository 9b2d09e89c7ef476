import pytest

pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from training import __main__ as command
from training.reproduce import steps


def test_the_command_runs_a_suite_and_tells_what_it_shows(monkeypatch, tmp_path, capsys):
    found = {"statement": "af over linear", "needed": 4, "measured": 5, "at_least": True, "margin": 1, "met": True}
    asked, written = [], []

    def reproduce(suite, build, output, workers):
        asked.append((suite.folder, build, output, workers))
        return {"targets": [found]}

    monkeypatch.setattr(steps, "reproduce", reproduce)
    monkeypatch.setattr(steps, "write_document", lambda document, suite, output: written.append((suite, output)))
    build, output = tmp_path / "build", tmp_path / "results"
    places = ["--build", str(build), "--output", str(output)]
    assert command.main(["reproduce", "--suite", "digits", "--quick", *places]) == 0
    assert asked == [("suite-digits-quick", build, output / "quick", None)]
    assert written == []
    assert "| af over linear | ≥ 4.0 | 5.0 | yes |" in capsys.readouterr().out
    assert command.main(["reproduce", "--suite", "sim", "--workers", "1", "--write-docs", *places]) == 0
    assert asked[1] == ("suite-sim", build, output, 1)
    assert written == [("sim", output)]
