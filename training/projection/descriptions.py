"""The knowledge base of UniBind as a table: what is said of each category or of one of its samples, and by whom."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import pyarrow as pa
from pyarrow import csv, parquet

from omnibind_ros.errors import ConfigurationError

_MOST_PROBLEMS = 5
_ITEM = "item"


@dataclass(frozen=True)
class Description:
    """A sentence about a category; source: the model or person that it comes from.

    id: `item/<id>/<number>` of a sentence about one sample, whose id is that of its embedding; any other for a sentence
    about the category as such.
    """

    id: str
    category: str
    description: str
    source: str

    @property
    def item(self) -> str | None:
        """The id of the sample that it describes; None when it describes the category."""
        kind, _, rest = self.id.partition("/")
        item, slash, _ = rest.rpartition("/")
        return item if kind == _ITEM and slash else None


COLUMNS = tuple(field.name for field in fields(Description))


def item_description_id(item: str, number: int) -> str:
    """The id of the description with this number of a sample."""
    return f"{_ITEM}/{item}/{number}"


def write_descriptions(rows: Sequence[Description], file: Path) -> None:
    """Write a Parquet file that `read_descriptions` reads, at once or not at all."""
    schema = pa.schema([(name, pa.string()) for name in COLUMNS])
    unfinished = file.with_name(f".{file.name}")
    parquet.write_table(pa.Table.from_pylist([asdict(row) for row in rows], schema), unfinished)
    unfinished.replace(file)


def described_samples(rows: Sequence[Description], known: Mapping[str, int]) -> tuple[list[int], list[int]]:
    """Rows of samples and of the descriptions that tell of them; known: the row of each sample's embedding.

    Descriptions of categories and of samples without an embedding are left out. Raises ConfigurationError when none is
    left.
    """
    items = ((row.item, number) for number, row in enumerate(rows))
    pairs = [(known[item], number) for item, number in items if item is not None and item in known]
    if not pairs:
        raise ConfigurationError(
            "none of the descriptions tells of a sample with an embedding",
            remedy="make both of one split: `describe --samples` and `cache-embeddings`",
        )
    return [sample for sample, _ in pairs], [number for _, number in pairs]


def read_descriptions(file: Path) -> list[Description]:
    """Descriptions of a Parquet or CSV file. Raises ConfigurationError that names rows and columns."""
    remedy = f"the table needs the columns {', '.join(COLUMNS)}, all of text, see docs/projection.md"
    read: Callable[[Path], pa.Table] = csv.read_csv if file.suffix.lower() == ".csv" else parquet.read_table
    try:
        table = read(file)
    except (OSError, pa.ArrowException) as error:
        raise ConfigurationError(f"it cannot be read: {error}", remedy=remedy, source=str(file)) from error
    missing = [name for name in COLUMNS if name not in table.column_names]
    if missing:
        raise ConfigurationError(f"it lacks the columns {', '.join(missing)}", remedy=remedy, source=str(file))
    first = 2 if file.suffix.lower() == ".csv" else 1
    rows = [
        {name: "" if value is None else str(value).strip() for name, value in row.items()}
        for row in table.select(list(COLUMNS)).to_pylist()
    ]
    seen = Counter(row["id"] for row in rows)
    problems = [
        f"row {number}, column `{name}`: {'it is empty' if not row[name] else 'it is there twice'}"
        for number, row in enumerate(rows, first)
        for name in COLUMNS
        if (not row[name] and name != "source") or (name == "id" and seen[row["id"]] > 1)
    ]
    if len({row["category"] for row in rows}) < 2:
        problems.append("column `category`: fewer than two different ones")
    if problems:
        more = [f"and {len(problems) - _MOST_PROBLEMS} more"] if len(problems) > _MOST_PROBLEMS else []
        raise ConfigurationError("; ".join([*problems[:_MOST_PROBLEMS], *more]), remedy=remedy, source=str(file))
    return [Description(**row) for row in rows]
