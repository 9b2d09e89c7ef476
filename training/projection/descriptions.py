"""The knowledge base of UniBind as a table: what is said of each category, and by whom."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path

import pyarrow as pa
from pyarrow import csv, parquet

from omnibind_ros.errors import ConfigurationError

_MOST_PROBLEMS = 5


@dataclass(frozen=True)
class Description:
    """A sentence about a category; source: the model or person that it comes from."""

    id: str
    category: str
    description: str
    source: str


COLUMNS = tuple(field.name for field in fields(Description))


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
