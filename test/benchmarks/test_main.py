"""`python -m benchmarks` from end to end, with each case measured as shortly as possible."""

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks import preprocessing, subsets
from benchmarks.__main__ import BENCHMARKS, main

ROOT = Path(__file__).resolve().parents[2]


def measured(name: str, folder: Path) -> dict[str, Any]:
    """The JSON of a quick run, whose figures are also in the document."""
    document = folder / "benchmarks.md"
    document.write_text(f"<!-- begin {name} -->\n<!-- end {name} -->\n")
    options = ["--quick", "--write-docs", "--output", str(folder), "--document", str(document)]
    assert main(["--only", name, *options]) == 0
    content: dict[str, Any] = json.loads((folder / f"{name}.json").read_text())
    assert content["benchmark"] == name
    assert content["command"] == f"python -m benchmarks --only {name} --quick"
    text = document.read_text()
    assert all(f"| {table['rows'][0][0]} |" in text for table in content["tables"])
    for plot in content["plots"]:
        assert f"images/benchmarks/{plot['name']}.png" in text
        assert (folder / "images" / "benchmarks" / f"{plot['name']}.png").stat().st_size > 1000
    return content


def test_what_was_measured_is_in_the_file_and_in_the_document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preprocessing, "MODALITIES", ("thermal", "text"))
    table = measured("preprocessing", tmp_path)["tables"][0]
    assert table["columns"] == ["case", "value", "unit", "reference", "ratio"]
    assert [row[0].split()[0] for row in table["rows"]] == ["thermal", "thermal", "text", "text"]
    for case, value, _, _, ratio in table["rows"]:
        assert case.endswith((", median", ", p95"))
        assert value > 0
        assert ratio > 0


@pytest.mark.slow
def test_every_modality_is_measured(tmp_path: Path) -> None:
    rows = measured("preprocessing", tmp_path)["tables"][0]["rows"]
    assert {row[0].split()[0] for row in rows} == set(preprocessing.MODALITIES)


def test_the_encoders_are_compared_and_what_is_missing_is_named(tmp_path: Path) -> None:
    pytest.importorskip("onnx", reason="needs the requirements of the tests: run `make setup-test`")
    content = measured("encoders", tmp_path)
    comparison, limit = content["tables"]
    ways = comparison["columns"][1:]
    assert ways[0] == "ONNX Runtime fp32"
    assert "ONNX Runtime int8" in ways
    for way in ("OpenVINO fp32", "PyTorch eager"):
        assert way in ways or any(note.startswith(f"{way} was left out: ") for note in content["notes"])
    assert [row[0] for row in comparison["rows"]] == [row[0] for row in limit["rows"]]
    assert len(comparison["rows"]) == 7


def test_every_subset_has_its_accuracy_and_latency(tmp_path: Path) -> None:
    content = measured("subsets", tmp_path)
    every = content["details"][0]["rows"]
    assert len(every) == len({row[0] for row in every}) == 127
    assert all(0 <= accuracy <= 100 and latency_ms > 0 for _, _, accuracy, latency_ms in every)
    assert [row[1] for row in content["tables"][0]["rows"]] == [7, 21, 35, 35, 21, 7, 1]


@pytest.mark.ros
@pytest.mark.slow
@pytest.mark.parametrize("name", ["end_to_end", "seven_sensors", "fusion_cost", "first_recognition", "peer_style"])
def test_what_needs_ros_measures_real_nodes(name: str, tmp_path: Path) -> None:
    pytest.importorskip("rclpy", reason="needs ROS 2: run `make setup`")
    content = measured(name, tmp_path)
    figures = [cell for table in content["tables"] for row in table["rows"] for cell in row[1:]]
    assert not any(cell is None for cell in figures)
    assert any(isinstance(cell, float) and cell > 0 for cell in figures)


def test_an_unknown_benchmark_is_refused_with_the_names_there_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["--only", "speed", "--output", str(tmp_path)])
    assert "seven_sensors" in capsys.readouterr().err


def test_every_benchmark_has_its_place_in_the_document() -> None:
    text = (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")
    assert all(text.count(f"<!-- begin {name} -->") == 1 for name in BENCHMARKS)


def test_the_subset_table_takes_the_worst_of_each_size() -> None:
    image, text = subsets.every_subset(subsets.default_bundle().modalities)[:2]
    rows = subsets.by_size({image: 0.9, text: 0.5, (*image, *text): 1.0}, {image: 1.0, text: 3.0, (*image, *text): 5.0})
    assert rows == [(1, 2, 70.0, 50.0, "text", 2.0, 3.0), (2, 1, 100.0, 100.0, "image+text", 5.0, 5.0)]
