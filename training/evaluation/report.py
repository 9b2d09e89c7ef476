"""Evaluation results as Markdown tables, for `results.md` and the model card."""

from collections.abc import Mapping
from typing import Any


def to_markdown(results: Mapping[str, Any]) -> str:
    """All tables: single modalities, numbers of sensors, robustness, calibration. Accuracies are top-1, in percent."""
    sections = [
        f"Top-1 accuracy in percent over {results['labels']} labels, {results['samples']} samples of objects that no "
        "training step has seen.",
        _table("Modality alone", ["modality", "accuracy"], [[n, _percent(a)] for n, a in results["single"].items()]),
        _table(
            "Mean over all combinations of so many sensors, fused (without text)",
            ["sensors", "accuracy"],
            [[number, _percent(accuracy)] for number, accuracy in results["by_number"].items()],
        ),
        _table(
            "One of three or more sensors corrupted (every combination, every victim)",
            ["its embedding comes from", "clean", "corrupted", "mean loss", "worst loss"],
            [
                [kind, *(_percent(row[key]) for key in ("clean", "corrupted", "mean_loss", "worst_loss"))]
                for kind, row in results["robustness"].items()
            ],
        ),
        _table(
            "Random sets of tokens, calibrated (text and second sources of a modality included)",
            ["tokens", "accuracy", "calibration error", "answered", "accuracy when answering"],
            [
                [n, *(_percent(row[key]) for key in ("accuracy", "ece", "coverage", "accuracy_when_answering"))]
                for n, row in results["calibration"].items()
            ],
        ),
    ]
    return "\n\n".join(section for section in sections if section) + "\n"


def _table(title: str, header: list[str], rows: list[list[str]]) -> str:
    if not rows:
        return ""
    lines = [header, ["---"] * len(header), *rows]
    return f"### {title}\n\n" + "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _percent(share: float | None) -> str:
    return "too few" if share is None else f"{100 * share:.1f}"
