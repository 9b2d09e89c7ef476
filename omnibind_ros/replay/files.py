"""The results of a replay as files for other programs: JSON lines, and Parquet where pyarrow is installed."""

import json
from collections.abc import Iterable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any


def write_json(path: Path, values: Mapping[str, Any]) -> None:
    """One object."""
    path.write_text(json.dumps(values, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def write_json_lines(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """One object a line."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def write_parquet(path: Path, recognitions: Sequence[Mapping[str, Any]]) -> bool:
    """The recognitions as a table; returns whether there is pyarrow to write it."""
    if find_spec("pyarrow") is None:
        return False
    import pyarrow as pa  # noqa: PLC0415 (optional)
    from pyarrow import parquet  # noqa: PLC0415

    schema = pa.schema(
        {
            "stamp_ns": pa.int64(),
            "received_ns": pa.int64(),
            "label": pa.string(),
            "score": pa.float64(),
            "abstained": pa.bool_(),
            "hypotheses": pa.list_(pa.struct({"label": pa.string(), "score": pa.float64()})),
            "weights": pa.map_(pa.string(), pa.float64()),
        }
    )
    rows = [{**row, "weights": list(row["weights"].items())} for row in recognitions]
    parquet.write_table(pa.Table.from_pylist(rows, schema), path)
    return True
