import json
from pathlib import Path

from benchmarks.report import machine, markdown, rounded, write_json
from benchmarks.result import Bars, Result, Table, Target

RESULT = Result(
    (Table("Ways", ("case", "ms", "lost"), (("a → b", 0.25, 0), ("a | c", 12345.6, None))),),
    (Target("ratio", 1.2, 1.5), Target("kept", 90.0, 95.0, "%", at_least=True)),
    (Bars("ways", "Ways", "ms", ("a",), {"ours": (1.0,)}),),
    ("measured at night",),
    (Table("All", ("case",), (("a",),)),),
)


def written(folder: Path) -> Path:
    path = folder / "bench" / "x.json"
    write_json(path, "x", RESULT, command="python -m benchmarks --only x", load_before=0.1)
    return path


def test_the_file_has_the_form_of_every_benchmark(tmp_path: Path) -> None:
    content = json.loads(written(tmp_path).read_text())
    assert content["benchmark"] == "x"
    assert content["machine"] == machine()
    assert "Python 3." in content["machine"]
    assert [target["reached"] for target in content["targets"]] == [True, False]
    assert content["tables"] == [
        {"title": "Ways", "columns": ["case", "ms", "lost"], "rows": [["a → b", 0.25, 0], ["a | c", 12345.6, None]]}
    ]
    assert content["details"][0]["rows"] == [["a"]]


def test_the_document_says_where_how_and_what_was_measured(tmp_path: Path) -> None:
    text = markdown(written(tmp_path))
    assert text.startswith(f"`python -m benchmarks --only x` on {machine()}; load average before it 0.1:")
    assert "| ratio | ≤ 1.5 | 1.2 | yes |" in text
    assert "| kept | ≥ 95 % | 90 % | **no** |" in text
    assert "| a → b | 0.25 | 0 |\n| a / c | 12,346 | – |" in text
    assert "|---|---:|---:|" in text, "numbers stand at the right"
    assert "- measured at night" in text
    assert "![Ways](images/benchmarks/ways.png)" in text
    assert "All" not in text, "details are for programs"


def test_figures_have_as_many_digits_as_they_are_worth() -> None:
    assert [rounded(one) for one in (1.23456, 123456.0, 0.00123456)] == [1.23, 123000.0, 0.00123]
