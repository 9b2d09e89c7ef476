from pathlib import Path

import pytest

from documentation.blocks import replace_block


def test_only_what_stands_between_the_markers_is_replaced(tmp_path: Path) -> None:
    document = tmp_path / "document.md"
    document.write_text("before\n<!-- begin x -->\nold\n<!-- end x -->\nafter\n")
    for _ in range(2):
        replace_block(document, "x", "new")
        assert document.read_text() == "before\n<!-- begin x -->\nnew\n<!-- end x -->\nafter\n"


@pytest.mark.parametrize("text", ["", "<!-- begin x -->", "<!-- end x --><!-- begin x -->"])
def test_a_document_without_the_markers_is_left_alone(tmp_path: Path, text: str) -> None:
    document = tmp_path / "document.md"
    document.write_text(text)
    with pytest.raises(ValueError, match="begin x"):
        replace_block(document, "x", "new")
    assert document.read_text() == text
