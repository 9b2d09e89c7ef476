"""The tables of a suite as Markdown, for build/results/ and for docs/results.md."""

from collections.abc import Mapping, Sequence
from typing import Any

from training.evaluation.report import combinations_to_markdown, percent, table, to_markdown

Tree = Mapping[str, Any]


def suite_to_markdown(results: Tree) -> str:
    """Targets first, then everything that was measured, mean and spread over the seeds."""
    minutes = ", ".join(f"{value}" for value in results["minutes"].values())
    sections = [
        f"Seeds {', '.join(map(str, results['seeds']))}: mean ± standard deviation over them. Minutes each: {minutes}.",
        targets_to_markdown(results["targets"]),
        _ablation(results.get("ablation", {})),
        to_markdown(results).strip(),
        combinations_to_markdown(results["heads"]),
    ]
    return "\n\n".join(section for section in sections if section) + "\n"


def targets_to_markdown(found: Sequence[Tree]) -> str:
    """What a suite is to show, and whether it does."""
    rows = [
        [
            target["statement"],
            f"{'≥' if target['at_least'] else '≤'} {target['needed']:.1f}",
            f"{target['measured']:.1f}",
            "yes" if target["met"] else f"**no**, by {-target['margin']:.1f}",
        ]
        for target in found
    ]
    return table("What it is to show (percentage points)", ["target", "needed", "measured", "met"], rows)


def _ablation(by_modality: Tree) -> str:
    variants = list(dict.fromkeys(name for row in by_modality.values() for name in row))
    rows = [[modality, *(percent(row[name]) for name in variants)] for modality, row in by_modality.items()]
    return table("Distillation by parts of the loss: accuracy of the student alone", ["modality", *variants], rows)
