import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")
pytest.importorskip("webdataset", reason="needs requirements/training.txt")

from training.__main__ import main  # noqa: E402
from training.projection.embedding_table import load_table  # noqa: E402
from training.projection.projector import load_projector  # noqa: E402


def run(*arguments: object) -> int:
    return main(list(map(str, arguments)))


@pytest.fixture
def embedded(shards, tiny, tmp_path, capsys):
    for modality in ("image", "audio"):
        arguments = ("--modality", modality, "--bundle", tiny.folder, "--readers", "2")
        assert run("cache-embeddings", shards, tmp_path / modality, *arguments) == 0
    said = capsys.readouterr().out
    assert "20 embeddings in 5 shards, 0 done before" in said
    assert "2 recordings could not be used" in said
    return tmp_path


def test_shards_of_recordings_become_shards_of_embeddings_and_a_projector(embedded, capsys):
    arguments = ("--frozen", f"image={embedded / 'image'}", "--batch", "8", "--hidden", "16", "--window", "10")
    assert run("project", embedded / "projector", "--projected", f"audio={embedded / 'audio'}", *arguments) == 0
    assert "temperature to image" in capsys.readouterr().out
    assert load_projector(embedded / "projector" / "projector.safetensors").modality == "audio"


def test_precision_is_what_was_asked_for(shards, tiny, embedded):
    arguments = ("--modality", "image", "--bundle", tiny.folder, "--precision", "float32")
    assert run("cache-embeddings", shards, embedded / "exact", *arguments) == 0
    exact, rounded = load_table(embedded / "exact"), load_table(embedded / "image")
    assert 0 < abs(exact.vector_ND - rounded.vector_ND).max() < 1e-3


def test_a_damaged_shard_is_told_and_ends_the_command_badly(shards, tiny, tmp_path, capsys):
    (tmp_path / "shards").mkdir()
    for name in ("00000.tar", "00001.tar"):
        (tmp_path / "shards" / name).write_bytes((shards / name).read_bytes()[: 5000 if name == "00001.tar" else None])
    arguments = ("--modality", "image", "--bundle", tiny.folder)
    assert run("cache-embeddings", tmp_path / "shards", tmp_path / "image", *arguments) == 1
    said = capsys.readouterr().out
    assert "4 embeddings in 1 shards" in said
    assert "00001.tar: 1 shards could not be read" in said


def test_tables_and_shards_do_not_mix_and_files_of_pairs_need_tables(embedded, capsys):
    folders = [f"audio={embedded / 'audio'}", f"image={embedded / 'image'}"]
    (embedded / "table.parquet").write_bytes(b"")
    project = ("project", embedded / "projector", "--projected")
    assert run(*project, folders[0], "--frozen", f"image={embedded / 'table.parquet'}") == 1
    assert "give either" in capsys.readouterr().out
    assert run(*project, folders[0], "--frozen", folders[1], "--split", embedded / "pairs.csv") == 1
    assert "leave --split out" in capsys.readouterr().out
