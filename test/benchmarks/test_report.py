import json
from pathlib import Path

import pytest

from benchmarks.report import machine, replace_block, table, write_json

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


def test_only_what_stands_between_the_markers_is_replaced(tmp_path: Path) -> None:
    document = tmp_path / "benchmarks.md"
    document.write_text("before\n<!-- begin x -->\nold\n<!-- end x -->\nafter\n")
    for _ in range(2):
        replace_block(document, "x", "new")
        assert document.read_text() == "before\n<!-- begin x -->\nnew\n<!-- end x -->\nafter\n"


@pytest.mark.parametrize("text", ["", "<!-- begin x -->", "<!-- end x --><!-- begin x -->"])
def test_a_document_without_the_markers_is_left_alone(tmp_path: Path, text: str) -> None:
    document = tmp_path / "benchmarks.md"
    document.write_text(text)
    with pytest.raises(ValueError, match="begin x"):
        replace_block(document, "x", "new")
    assert document.read_text() == text
