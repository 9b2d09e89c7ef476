import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")
pytest.importorskip("webdataset", reason="needs requirements/training.txt")

from training.__main__ import main  # noqa: E402
from training.scale import rates, steps  # noqa: E402
from training.scale.recording_shards import find_shards  # noqa: E402


def test_a_folder_of_recordings_is_packed(tmp_path, capsys):
    for number in range(5):
        place = tmp_path / "recordings" / "text" / "mug" / f"{number}.txt"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text("a mug")
    arguments = ["pack", str(tmp_path / "recordings"), str(tmp_path / "shards"), "--samples", "2"]
    assert main(arguments) == 0
    assert "5 samples in 3 shards" in capsys.readouterr().out
    assert len(find_shards(tmp_path / "shards")) == 3


def test_the_benchmark_writes_what_was_measured_and_what_it_means(tiny, tmp_path, monkeypatch, capsys):
    document = tmp_path / "scale.md"
    document.write_text(
        "<!-- begin measured -->\n<!-- end measured -->\n<!-- begin computed -->\n<!-- end computed -->\n"
    )
    monkeypatch.setattr(steps, "_DOCUMENT", document)
    monkeypatch.setattr(rates, "BACKBONES", {})
    arguments = ["--bundle", str(tiny.folder), "--recordings", "2", "--batch", "16", "--steps", "1", "--write-docs"]
    assert main(["benchmark-scale", *arguments]) == 0
    assert "extraction, tiny, image" in capsys.readouterr().out
    assert "10⁹" in document.read_text()
    assert "On one core of" in document.read_text()
