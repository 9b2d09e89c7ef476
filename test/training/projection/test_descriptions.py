import pyarrow as pa
import pytest
from pyarrow import parquet

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from omnibind_ros.errors import ConfigurationError  # noqa: E402
from training.projection.descriptions import Description, read_descriptions  # noqa: E402

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
