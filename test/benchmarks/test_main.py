"""`python -m benchmarks` from end to end, with each case measured as shortly as possible."""

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks import preprocessing
from benchmarks.__main__ import main


def measured(folder: Path) -> list[dict[str, Any]]:
    document = folder / "benchmarks.md"
    document.write_text("<!-- begin preprocessing -->\n<!-- end preprocessing -->\n")
    main(["preprocessing", "--seconds", "0", "--output", str(folder), "--document", str(document)])
    content = json.loads((folder / "preprocessing.json").read_text())
    assert set(content) == {"benchmark", "machine", "rows"}
    assert content["benchmark"] == "preprocessing"
    rows: list[dict[str, Any]] = content["rows"]
    assert all(f"| {row['case']} |" in document.read_text() for row in rows)
    return rows


def test_what_was_measured_is_in_the_file_and_in_the_document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preprocessing, "MODALITIES", ("thermal", "text"))
    rows = measured(tmp_path)
    assert [row["case"].split()[0] for row in rows] == ["thermal", "thermal", "text", "text"]
    for row in rows:
        assert set(row) == {"case", "value", "unit", "reference", "ratio"}
        assert row["case"].endswith((", median", ", p95"))
        assert row["value"] > 0
        assert row["ratio"] > 0


@pytest.mark.slow
def test_every_modality_is_measured(tmp_path: Path) -> None:
    assert {row["case"].split()[0] for row in measured(tmp_path)} == set(preprocessing.MODALITIES)


def test_an_unknown_benchmark_is_refused_by_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["speed", "--output", str(tmp_path)])
    assert "no benchmark speed" in capsys.readouterr().err
