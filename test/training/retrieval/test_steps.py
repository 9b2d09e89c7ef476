from pathlib import Path

import pytest

pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")
pytest.importorskip("faiss", reason="needs requirements/training.txt")

from omnibind_ros.inference.bundle import load_bundle
from omnibind_ros.pipeline.resources import bundle_folder
from omnibind_ros.retrieval.store import StoreSettings
from omnibind_ros.retrieval.store_file import StoreFile
from training.__main__ import main


def test_a_memory_is_made_from_a_split_asked_and_asked_again(
    splits, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    memory = tmp_path / "new" / "memory.safetensors"
    asked = ["--query", "hammer", "--query", "mug - 0.5 * wood", "--hits", "3"]
    assert main(["index-embeddings", str(memory), str(splits["test"]._folder), *asked]) == 0
    told = capsys.readouterr().out
    count = len(splits["test"])
    assert f"{memory}: {count} things that were seen, 30 labels" in told
    lines = told.splitlines()
    assert lines[1] == '"hammer"'
    assert lines[5] == '"mug" - 0.5 * "wood"'
    similarities = [float(line.split()[0]) for line in lines[2:5]]
    assert similarities == sorted(similarities, reverse=True)
    assert "image, thermal; 1 times" in lines[2]
    assert main(["index-embeddings", str(memory), *asked]) == 0
    assert capsys.readouterr().out == told
    bundle = load_bundle(bundle_folder("omnibind-sim"))
    file = StoreFile(memory)
    assert len(file.read(bundle.space, bundle.dimension, StoreSettings())) == count
    file.close()


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--query", "cup"], "there is no memory to ask"),
        (["nowhere"], "nowhere: there is no such file or folder"),
        (["--query", "cup +"], "a sign has no term"),
        (["--bundle", "no-such-bundle"], "no bundle there"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line(
    arguments: list[str], problem: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["index-embeddings", str(tmp_path / "memory.safetensors"), *arguments]) == 1
    assert problem in capsys.readouterr().out
