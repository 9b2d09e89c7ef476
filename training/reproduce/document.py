"""A suite's tables and pictures as they stand in docs/results.md."""

import shutil
from pathlib import Path

from documentation.blocks import replace_block

_DETAILS = "<details><summary>All tables</summary>\n\n{tables}\n\n</details>"
_PICTURES = {
    "heads": "Accuracy of the fusion heads, by number of modalities and for every pair",
    "robustness": "Points lost by each head when one modality is replaced",
    "confidence": "Risk and coverage, and calibration error",
    "confusion": "Which label is taken for which",
    "embeddings": "Embeddings of all modalities, by modality and by label",
}


def write_document(document: Path, suite: str, output: Path) -> None:
    """Replace the suite's block: targets and the ablation in sight, the other tables folded away, pictures below.

    Raises ValueError when the document has no such block.
    """
    images = document.parent / "images" / "results"
    images.mkdir(parents=True, exist_ok=True)
    pictures = []
    for name, title in _PICTURES.items():
        file = f"{suite}_{name}.png"
        shutil.copy(output / file, images / file)
        pictures.append(f"![{title}](images/results/{file})")
    first, separator, rest = (output / f"{suite}.md").read_text().partition("\n\nTop-1 accuracy")
    tables = _DETAILS.format(tables=(separator + rest).strip())
    replace_block(document, suite, "\n\n".join(["", first.strip(), *pictures, tables, ""]).strip("\n"))
