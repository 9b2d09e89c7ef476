"""What a bundle holds, as a user asks for it."""

import json
from pathlib import Path

import pytest

from omnibind_ros.nodes.info import main

QUIET = ("--seconds", "0")


@pytest.fixture(autouse=True)
def no_gpu(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def test_the_shipped_bundle_is_told_in_tables(capsys: pytest.CaptureFixture[str]) -> None:
    main(QUIET)
    said = capsys.readouterr().out
    assert "Bundle omnibind-sim" in said
    assert "traffic cone" in said


def test_json_holds_everything(capsys: pytest.CaptureFixture[str], bundle_path: Path, tmp_path: Path) -> None:
    robot = tmp_path / "robot.yaml"
    robot.write_text("/**:\n  ros__parameters:\n    backend: onnxruntime\n")
    main([str(bundle_path), "--config", str(robot), "--json", *QUIET])
    told = json.loads(capsys.readouterr().out)
    assert told["bundle"]["folder"] == str(bundle_path)
    assert told["backend"]["backend"] == "onnxruntime"
    assert told["backend"]["engines"] == {}
    assert told["backend"]["cache"]["files"] == []
    assert told["nodes"] == {}


def test_a_bundle_that_is_none_ends_with_one_line(tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as ended:
        main([str(tmp_path), *QUIET])
    assert str(ended.value.code).startswith(f"info: {tmp_path}/bundle.yaml: no bundle there")
