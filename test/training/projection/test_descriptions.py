import pyarrow as pa
import pytest
from pyarrow import parquet

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from omnibind_ros.errors import ConfigurationError  # noqa: E402
from training.projection.descriptions import (  # noqa: E402
    Description,
    described_samples,
    item_description_id,
    read_descriptions,
    write_descriptions,
)

ROWS = [
    {"id": "1", "category": "mug", "description": "a cup with a handle", "source": "a person"},
    {"id": "2", "category": "saw", "description": "it cuts wood", "source": ""},
]


def test_parquet_and_csv_hold_the_same(tmp_path):
    parquet.write_table(pa.Table.from_pylist(ROWS), tmp_path / "table.parquet")
    lines = [",".join(ROWS[0]), *(",".join(row.values()) for row in ROWS)]
    (tmp_path / "table.csv").write_text("\n".join(lines))
    expected = [Description(**row) for row in ROWS]
    assert read_descriptions(tmp_path / "table.parquet") == read_descriptions(tmp_path / "table.csv") == expected


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"description": None}, "row 2, column `description`: it is empty"),
        ({"id": "1"}, "row 1, column `id`: it is there twice"),
        ({"category": "mug"}, "column `category`: fewer than two"),
    ],
)
def test_what_is_wrong_is_told_with_row_and_column(tmp_path, change, problem):
    parquet.write_table(pa.Table.from_pylist([ROWS[0], ROWS[1] | change]), tmp_path / "table.parquet")
    with pytest.raises(ConfigurationError) as told:
        read_descriptions(tmp_path / "table.parquet")
    assert problem in str(told.value)


def test_a_file_without_the_columns_or_none_at_all_is_named(tmp_path):
    parquet.write_table(pa.table({"id": ["1"]}), tmp_path / "table.parquet")
    with pytest.raises(ConfigurationError, match="lacks the columns category, description, source"):
        read_descriptions(tmp_path / "table.parquet")
    with pytest.raises(ConfigurationError, match="absent.parquet"):
        read_descriptions(tmp_path / "absent.parquet")


def test_what_is_written_is_read_again(tmp_path):
    rows = [Description(**row) for row in ROWS]
    write_descriptions(rows, tmp_path / "table.parquet")
    assert read_descriptions(tmp_path / "table.parquet") == rows
    assert [file.name for file in tmp_path.iterdir()] == ["table.parquet"]


@pytest.mark.parametrize("item", ["17", "bag/00003 camera", "a/b/c", ""])
def test_a_description_of_a_sample_names_it(item):
    assert Description(item_description_id(item, 4), "mug", "a mug", "").item == item


@pytest.mark.parametrize("name", ["1", "label/mug/3", "item", "item/17", "items/17/0", ""])
def test_another_id_is_of_a_category(name):
    assert Description(name, "mug", "a mug", "").item is None


def test_samples_with_an_embedding_are_paired_with_all_that_is_said_of_them():
    ids = ("item/5/0", "item/5/1", "label/mug/0", "item/9/0", "item/7/0")
    rows = [Description(name, "mug", "a mug", "") for name in ids]
    assert described_samples(rows, {"7": 0, "5": 1}) == ([1, 1, 0], [0, 1, 4])
    with pytest.raises(ConfigurationError, match="cache-embeddings"):
        described_samples(rows, {"1": 0})
