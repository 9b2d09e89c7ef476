import pytest

pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from tiny_bundle import write_tiny_bundle

from omnibind_ros.inference.bundle import load_bundle
from training.__main__ import main


@pytest.fixture
def command(tmp_path, record):
    write_tiny_bundle(tmp_path / "tiny")
    folder = record(5)

    def run(*options: str) -> int:
        return main(["few-shot", "--bundle", str(tmp_path / "tiny"), "--folder", str(folder), *options])

    return run


def test_one_command_makes_a_bundle_and_tells_how_good_it_is(command, tmp_path, capsys):
    assert command("--head", "cache", "--output", str(tmp_path / "mine")) == 0
    told = capsys.readouterr().out
    assert "left out in turn: accuracy among 7 labels" in told
    assert "| image | 15 | – |" in told
    assert "7 labels, 3 of them new, taught in" in told
    assert load_bundle(tmp_path / "mine").examples is not None


def test_labels_of_one_recording_each_are_told_to_flatter(command, tmp_path, capsys):
    folder = tmp_path / "mine" / "image" / "lamp"
    (folder / "walk").mkdir()
    for file in sorted(folder.glob("*.png")):
        file.rename(folder / "walk" / file.name)
    assert command("--output", str(tmp_path / "taught")) == 0
    assert "only one thing or recording each, which makes the numbers too good: lamp" in capsys.readouterr().out


def test_the_old_bundle_is_not_replaced(command, tmp_path, capsys):
    assert command("--output", str(tmp_path / "tiny")) == 1
    assert "the new bundle would replace the old one" in capsys.readouterr().out


def test_a_cache_is_taught_once(command, tmp_path, capsys):
    assert command("--head", "cache", "--output", str(tmp_path / "first")) == 0
    assert command("--bundle", str(tmp_path / "first"), "--output", str(tmp_path / "second")) == 1
    assert "taught by a cache of examples already" in capsys.readouterr().out
