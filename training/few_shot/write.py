"""The bundle with the labels that were taught: every network as it was, another label bank and calibration."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save

from omnibind_ros.inference.bundle import Bundle
from omnibind_ros.inference.bundle_writer import file_reference, write_bundle
from training.evaluation.report import Table, percent
from training.few_shot.teach import Lesson, Measured


def write_taught(bundle: Bundle, output: Path, lesson: Lesson, counts: Mapping[str, int]) -> Bundle:
    """Write the bundle to `output` with what was taught, and load it back. counts: examples of each label.

    The space stays the same one, because no encoder changes. Raises BundleError.
    """
    description: dict[str, Any] = bundle.description.model_dump(mode="json", exclude={"format"})
    contents = {reference.file: bundle.content(reference) for reference in bundle.description.files()}
    taught, examples = lesson.taught, lesson.taught.examples
    tensors: dict[str, NDArray[Any]] = {"centres": np.ascontiguousarray(taught.centre_KkD)}
    if examples is not None:
        tensors |= {"keys": np.ascontiguousarray(examples.vector_MD), "key_labels": examples.label_M}
    files = bundle.description
    contents[files.labels.file] = save(tensors)
    contents[files.model_card.file] += f"\n{_card(bundle.name, lesson, counts)}".encode()
    description |= {
        "name": output.name,
        "labels": {
            **file_reference(files.labels.file, contents[files.labels.file]),
            "names": list(taught.names),
            "examples": None if examples is None else {"alpha": examples.alpha, "beta": examples.beta},
        },
        "calibration": asdict(lesson.calibration),
        "model_card": file_reference(files.model_card.file, contents[files.model_card.file]),
        "provenance": {
            **description["provenance"],
            "few_shot": {
                "made_by": "python -m training few-shot",
                "bundle": bundle.name,
                "head": lesson.head,
                "settings": dict(lesson.settings),
                "examples": dict(counts),
            },
        },
        "metrics": {**description["metrics"], "few_shot": lesson_to_metrics(lesson)},
    }
    return write_bundle(output, description, contents)


def lesson_to_metrics(lesson: Lesson) -> dict[str, Any]:
    """What was measured, for the bundle."""
    return {
        "left_out": {kind: asdict(row) for kind, row in lesson.left_out.items()},
        "test": {kind: asdict(row) for kind, row in lesson.test.items()},
        "other_labels": {"before": lesson.own_before, "after": lesson.own_after},
    }


def lesson_to_markdown(lesson: Lesson) -> str:
    """The tables that the command prints and the model card holds."""
    parts = [_table("Examples that were left out in turn", lesson, lesson.left_out)]
    parts.append(_table("Examples of the split `test`", lesson, lesson.test))
    if lesson.own_before is not None:
        parts.append(
            f"Texts of the labels without examples that are nearest to their own label: {percent(lesson.own_before)} % "
            f"before, {percent(lesson.own_after)} % after."
        )
    return "\n\n".join(part for part in parts if part)


def _table(title: str, lesson: Lesson, measured: Mapping[str, Measured]) -> str:
    rows = [
        [
            kind,
            str(row.views),
            percent(row.zero_shot),
            percent(row.accuracy),
            percent(row.answered),
            percent(row.right),
        ]
        for kind, row in measured.items()
    ]
    header = ["sensors", "sets", "by their texts", f"taught ({lesson.head})", "answered", "right of these"]
    return Table(f"{title}: accuracy among {len(lesson.taught.names)} labels, in percent", header, rows).to_markdown()


def _card(origin: str, lesson: Lesson, counts: Mapping[str, int]) -> str:
    settings = ", ".join(f"{name} {value:g}" for name, value in lesson.settings.items())
    taught = ", ".join(f"{label} ({number})" for label, number in counts.items())
    return f"""\
## Labels taught by examples

Made from the bundle `{origin}` by `python -m training few-shot`: a {lesson.head} head ({settings}), from so many
examples of each label: {taught}. No network was changed. Scores and the threshold of `unknown` are fitted on these
examples; what is said above about labels, accuracy and calibration is of the bundle it was made from.

{lesson_to_markdown(lesson)}
"""
