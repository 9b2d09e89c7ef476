import json
from pathlib import Path

from benchmarks.report import machine, table, write_json

ROW = {"case": "a → b, median", "value": 0.25, "unit": "ms", "reference": "by hand: 0.5", "ratio": 2.0}


def test_the_file_has_the_form_of_every_benchmark(tmp_path: Path) -> None:
    write_json(tmp_path / "bench" / "x.json", "x", [ROW])
    content = json.loads((tmp_path / "bench" / "x.json").read_text())
    assert content == {"benchmark": "x", "machine": machine(), "rows": [ROW]}
    assert "Python 3." in content["machine"]


def test_the_table_says_where_and_what_was_measured(tmp_path: Path) -> None:
    write_json(tmp_path / "x.json", "x", [ROW])
    lines = table(tmp_path / "x.json").splitlines()
    assert machine() in lines[0]
    assert lines[-1] == "| a → b, median | 0.25 ms | by hand: 0.5 | 2 |"
