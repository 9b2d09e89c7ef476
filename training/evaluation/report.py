"""Evaluation results as tables: in Markdown for `results.md`, the model card and several runs, in HTML for reports."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from training.evaluation.aggregate import is_measured
from training.evaluation.retrieval import RANKS

Tree = Mapping[str, Any]


@dataclass(frozen=True)
class Table:
    """A titled table of texts; one without rows is left out everywhere."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]

    def to_markdown(self) -> str:
        """Title and table; nothing without rows."""
        if not self.rows:
            return ""
        lines = [self.header, ["---"] * len(self.header), *self.rows]
        return f"### {self.title}\n\n" + "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def to_markdown(results: Tree) -> str:
    """All tables of the results of one run, or of several that were aggregated: then with their spread."""
    sections = [about(results), *(one.to_markdown() for one in tables(results))]
    return "\n\n".join(section for section in sections if section) + "\n"


def about(results: Tree) -> str:
    """What was measured, in a sentence."""
    return (
        f"Top-1 accuracy in percent over {_count(results['labels'])} labels, {_count(results['samples'])} samples of "
        "objects that no training step has seen."
    )


def tables(results: Tree) -> list[Table]:
    """The tables, some of them without rows. Accuracies are top-1, everything is in percent."""
    heads: Tree = results["heads"]
    return [
        Table("Modality alone", ["modality", "accuracy"], [[n, percent(a)] for n, a in results["single"].items()]),
        _side_by_side(
            "Mean over all combinations of so many modalities (text among them)", heads, lambda head: head["by_number"]
        ),
        _side_by_side(
            "Mean over all combinations of so many sensors (without text)",
            heads,
            lambda head: head["by_number_without_text"],
        ),
        _robustness({**heads, "*independent opinions*": results.get("independent", {"robustness": {}})}),
        _confidence(heads),
        _abstention(heads),
        _zero_shot(results.get("zero_shot", {})),
        *_retrieval(results.get("retrieval", {})),
    ]


def combinations(heads: Tree) -> Table:
    """Every combination and every head."""
    names = list(next(iter(heads.values()))["combinations"]) if heads else []
    rows = [[name, *(percent(head["combinations"].get(name)) for head in heads.values())] for name in names]
    return Table("Every combination", ["modalities", *heads], rows)


def combinations_to_markdown(heads: Tree) -> str:
    """The same as Markdown."""
    return combinations(heads).to_markdown()


def table(title: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A titled Markdown table; nothing without rows."""
    return Table(title, header, rows).to_markdown()


def percent(share: Any) -> str:
    """A share, or the mean and spread of several, in percent."""
    if share is None:
        return "–"
    if is_measured(share):
        return f"{100 * share['mean']:.1f} ± {100 * share['spread']:.1f}"
    return f"{100 * share:.1f}"


def _side_by_side(title: str, heads: Tree, part: Callable[[Tree], Tree]) -> Table:
    """A row a head, a column a number of modalities."""
    columns = list(dict.fromkeys(column for head in heads.values() for column in part(head)))
    rows = [[name, *(percent(part(head).get(column)) for column in columns)] for name, head in heads.items()]
    return Table(title, ["head", *columns], rows)


def _robustness(heads: Tree) -> Table:
    keys = ("clean", "corrupted", "mean_loss", "worst_loss", "worst_loss_to_absent")
    rows = [
        [kind, name, *(percent(row[key]) for key in keys), _worst(row)]
        for kind in dict.fromkeys(kind for head in heads.values() for kind in head["robustness"])
        for name, head in heads.items()
        if (row := head["robustness"].get(kind))
    ]
    header = [
        "replaced by",
        "head",
        "clean",
        "corrupted",
        "mean loss",
        "worst loss",
        "worst loss to absent",
        "worst in",
    ]
    return Table("One modality replaced, two or more clean ones left (every combination, every victim)", header, rows)


def _worst(row: Tree) -> str:
    combination, modality = row["worst_combination"], row["worst_modality"]
    if isinstance(combination, str):
        return f"{combination} ({modality})"
    return "differs"


def _confidence(heads: Tree) -> Table:
    numbers = list(dict.fromkeys(n for head in heads.values() for n in head["confidence"]["by_number"]))
    rows = [
        [name, sets, *(percent(head["confidence"][key].get(n, {}).get("ece")) for n in numbers)]
        for name, head in heads.items()
        for sets, key in (("clean", "by_number"), ("some broken", "broken_by_number"))
    ]
    return Table("Expected calibration error by number of live modalities", ["head", "sets", *numbers], rows)


def _abstention(heads: Tree) -> Table:
    rows = [
        [
            name,
            sets,
            *(
                percent(head["confidence"][f"{key}abstention"][k])
                for k in ("error", "coverage", "error_when_answering")
            ),
            percent(head["confidence"][f"{key}risk_coverage"]["area"]),
        ]
        for name, head in heads.items()
        for sets, key in (("clean", ""), ("some broken", "broken_"))
    ]
    header = ["head", "sets", "error of all", "answered", "error of answers", "area under risk–coverage"]
    return Table("Abstention with the threshold that 90 % of the validation scores reach", header, rows)


def _zero_shot(part: Tree) -> Table:
    rows = [
        [name, measured, *(percent(head[key].get(number)) for number in ("1", "2", "3", "2+", "all"))]
        for name, head in part.get("heads", {}).items()
        for key, measured in (
            ("unseen", "unseen labels among themselves"),
            ("unseen_among_all", "unseen labels among all"),
            ("seen_among_all", "seen labels among all"),
            ("harmonic", "harmonic mean"),
        )
        if key in head
    ]
    title = f"Labels never trained ({_count(part.get('labels', 0))}), by number of modalities"
    return Table(title, ["head", "accuracy on", "1", "2", "3", "2+", "all"], rows)


def _retrieval(part: Tree) -> list[Table]:
    header = ["query → gallery", *(f"R@{rank}" for rank in RANKS)]
    titles = {
        "by_label": "Retrieval between modalities: the same label",
        "by_instance": "Retrieval between modalities: the very same thing",
    }
    return [
        Table(
            title, header, [[pair, *(percent(row[str(r)]) for r in RANKS)] for pair, row in part.get(key, {}).items()]
        )
        for key, title in titles.items()
    ]


def _count(value: Any) -> str:
    return f"{value['mean']:.0f}" if is_measured(value) else str(value)
