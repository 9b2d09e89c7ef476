import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from omnibind_ros.errors import ConfigurationError  # noqa: E402
from training.projection.embedding_table import load_table  # noqa: E402
from training.scale import embedding_shards  # noqa: E402
from training.scale.embedding_shards import EmbeddingShards, is_current, read_footer, write_shard  # noqa: E402

VECTORS = np.arange(12, dtype=np.float16).reshape(3, 4)


def test_a_shard_comes_back_as_it_was_and_tells_what_it_was_made_of(tmp_path):
    write_shard(tmp_path / "0.parquet", ["a", "b", "c"], VECTORS, mark="made so", left_out=[("d", "it is dark")])
    footer = read_footer(tmp_path / "0.parquet")
    assert (footer.mark, footer.left_out, footer.rows, footer.size) == ("made so", (("d", "it is dark"),), 3, 4)
    assert is_current(tmp_path / "0.parquet", "made so")
    assert not is_current(tmp_path / "0.parquet", "made otherwise")
    shards = EmbeddingShards(tmp_path)
    assert shards.ids("0").to_pylist() == ["a", "b", "c"]
    np.testing.assert_array_equal(shards.load("0").vector_ND, VECTORS)


def test_who_breaks_off_leaves_no_shard(tmp_path, monkeypatch):
    def breaks(table, stream, **_):
        stream.write(b"half of it")
        raise KeyboardInterrupt

    monkeypatch.setattr(embedding_shards.parquet, "write_table", breaks)
    with pytest.raises(KeyboardInterrupt):
        write_shard(tmp_path / "0.parquet", ["a", "b", "c"], VECTORS, mark="made so")
    monkeypatch.undo()
    assert not is_current(tmp_path / "0.parquet", "made so")
    write_shard(tmp_path / "1.parquet", ["a", "b", "c"], VECTORS, mark="made so")
    assert list(EmbeddingShards(tmp_path).footers) == ["1"], "what is unfinished is none of them"


def test_some_items_are_found_wherever_they_lie(pairs):
    audio, _ = pairs
    picked = audio.pick(["3-1", "0-2"])
    whole = load_table(audio.folder)
    assert set(picked.ids) == {"3-1", "0-2"}
    np.testing.assert_array_equal(picked.vector_ND[picked.row_of["3-1"]], whole.vector_ND[whole.row_of["3-1"]])


def test_the_digest_changes_with_a_mark_and_not_with_the_place(tmp_path):
    digests = []
    for name, mark in (("one", "a"), ("two", "a"), ("three", "b")):
        (tmp_path / name).mkdir()
        write_shard(tmp_path / name / "0.parquet", ["a", "b", "c"], VECTORS, mark=mark)
        digests.append(EmbeddingShards(tmp_path / name).digest)
    assert digests[0] == digests[1] != digests[2]


def test_shards_without_an_embedding_count_for_nothing_and_mixed_ones_are_refused(tmp_path):
    write_shard(tmp_path / "0.parquet", ["a", "b", "c"], VECTORS, mark="")
    write_shard(tmp_path / "1.parquet", [], np.zeros((0, 4), np.float16), mark="")
    assert EmbeddingShards(tmp_path).size == 4
    write_shard(tmp_path / "2.parquet", ["d", "e", "f"], VECTORS[:, :3], mark="")
    with pytest.raises(ConfigurationError, match="2 sizes"):
        EmbeddingShards(tmp_path).size  # noqa: B018 it is looked up
    (tmp_path / "0.parquet").write_bytes(b"no table")
    with pytest.raises(ConfigurationError, match="no shard of embeddings"):
        read_footer(tmp_path / "0.parquet")
