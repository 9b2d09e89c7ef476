import json
from pathlib import Path

import pytest

from omnibind_ros.replay import files
from omnibind_ros.replay.files import write_json, write_json_lines, write_parquet

ROWS = [
    {
        "stamp_ns": 1_700_000_000_000_000_001, "received_ns": 1_700_000_000_100_000_000, "label": "Löffel",
        "score": 0.5, "abstained": False, "hypotheses": [{"label": "Löffel", "score": 0.5}], "weights": {"camera": 1.0},
    },
    {
        "stamp_ns": 2, "received_ns": 3, "label": "unknown", "score": 0.9, "abstained": True, "hypotheses": [],
        "weights": {},
    },
]  # fmt: skip


def test_json_holds_every_value_as_it_was(tmp_path: Path) -> None:
    write_json_lines(tmp_path / "rows.jsonl", ROWS)
    assert [json.loads(line) for line in (tmp_path / "rows.jsonl").read_text("utf-8").splitlines()] == ROWS
    write_json(tmp_path / "row.json", ROWS[0])
    assert json.loads((tmp_path / "row.json").read_text("utf-8")) == ROWS[0]


def test_parquet_holds_the_same(tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="needs pyarrow")
    assert write_parquet(tmp_path / "rows.parquet", ROWS)
    read = parquet.read_table(tmp_path / "rows.parquet").to_pylist()
    assert [{**row, "weights": dict(row["weights"])} for row in read] == ROWS


def test_without_pyarrow_there_is_no_parquet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "find_spec", lambda _: None)
    assert not write_parquet(tmp_path / "rows.parquet", ROWS)
    assert not (tmp_path / "rows.parquet").exists()
