import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from omnibind_ros.errors import ConfigurationError  # noqa: E402
from training.projection.embedding_table import EmbeddingTable, load_table, save_table  # noqa: E402


def table(count: int = 3) -> EmbeddingTable:
    vectors = np.random.default_rng(0).normal(size=(count, 4)).astype(np.float32)
    return EmbeddingTable(tuple(f"item {number} ü" for number in range(count)), vectors)


@pytest.mark.parametrize("ending", ["safetensors", "parquet"])
def test_what_was_written_is_read_again(tmp_path, ending):
    save_table(table(), tmp_path / "new" / f"audio.{ending}")
    again = load_table(tmp_path / "new" / f"audio.{ending}")
    assert again.ids == table().ids
    np.testing.assert_array_equal(again.vector_ND, table().vector_ND)
    assert again.digest == table().digest


def test_unit_vectors_keep_their_direction():
    unit = table().unit()
    np.testing.assert_allclose(np.linalg.norm(unit, axis=1), 1.0, atol=1e-6)
    assert ((unit * table().vector_ND).sum(axis=1) > 0).all()


@pytest.mark.parametrize(
    ("ids", "vectors", "problem"),
    [
        (("a",), np.ones((2, 3)), "1 ids with embeddings of shape"),
        (("a", "a"), np.ones((2, 3)), "twice"),
        (("a", "b"), np.array([[1.0, 2.0], [np.nan, 0.0]]), "`b` is not finite"),
        ((), np.ones((0, 3)), "0 ids"),
    ],
)
def test_what_makes_no_sense_is_refused(ids, vectors, problem):
    with pytest.raises(ConfigurationError, match=problem):
        EmbeddingTable(ids, vectors.astype(np.float32))


@pytest.mark.parametrize("name", ["broken.safetensors", "broken.parquet", "absent.parquet", "table.txt"])
def test_a_file_that_is_no_table_is_named(tmp_path, name):
    if not name.startswith("absent"):
        (tmp_path / name).write_text("no table")
    with pytest.raises(ConfigurationError) as told:
        load_table(tmp_path / name)
    assert name in str(told.value)


def test_another_ending_is_not_written(tmp_path):
    with pytest.raises(ConfigurationError, match="no format of embeddings"):
        save_table(table(), tmp_path / "table.csv")
