"""The generated tables in the repository are those of the code."""

from pathlib import Path

import pytest

pytest.importorskip("rclpy", reason="needs ROS 2: run `make setup`")

from documentation.__main__ import ROOT, blocks, main, stale


def test_the_tables_in_the_documentation_are_those_of_the_code() -> None:
    assert stale(ROOT) == [], "run `make docs`"
    assert main(["--check"]) == 0


def test_a_table_that_is_not_as_the_code_is_found(tmp_path: Path) -> None:
    for name in blocks():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text((ROOT / name).read_text().replace("`fused_embedding`", "`fused`"))
    assert stale(tmp_path) == [*blocks()]


def test_a_document_without_the_place_for_a_table_is_told(tmp_path: Path) -> None:
    for name in blocks():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("nothing")
    with pytest.raises(ValueError, match="begin executables"):
        stale(tmp_path)
