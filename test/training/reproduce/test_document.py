import pytest

pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from training.reproduce.document import write_document


def test_a_suites_block_is_replaced_with_its_tables_and_pictures(tmp_path):
    output = tmp_path / "results"
    output.mkdir()
    for name in ("heads", "robustness", "confidence", "confusion", "embeddings"):
        (output / f"sim_{name}.png").write_bytes(name.encode())
    tables = "### What it is to show\n\n| a |\n\nTop-1 accuracy in percent\n\n### Modality alone\n"
    (output / "sim.md").write_text(tables)
    document = tmp_path / "docs" / "results.md"
    document.parent.mkdir()
    document.write_text("before\n<!-- begin sim -->\nold\n<!-- end sim -->\nafter\n")
    write_document(document, "sim", output)
    text = document.read_text()
    assert text.startswith("before")
    assert text.endswith("after\n")
    assert "old" not in text
    assert text.index("### What it is to show") < text.index("images/results/sim_heads.png") < text.index("<details>")
    assert (document.parent / "images" / "results" / "sim_confusion.png").read_bytes() == b"confusion"
