"""The ablation of cross-modal alignment distillation (OmniBind, Table 7): students taught by parts of the loss."""

import json
from dataclasses import replace
from pathlib import Path

from omnibind_ros.modality import Modality
from training.distillation.distil import distil, label_accuracy
from training.distillation.recipes import load_student
from training.reproduce.suite import VARIANTS, Suite, Variant
from training.run import Run
from training.run_folder import settings_of
from training.teachers.teach import embed

_RESULT_FILE = "accuracy.json"


def ablation(run: Run, suite: Suite) -> dict[str, dict[str, float]]:
    """Accuracy on the test split of each ablated modality's student, by modality and variant."""
    return {
        str(modality): {variant.name: _accuracy(run, modality, variant) for variant in VARIANTS}
        for modality in suite.ablated
    }


def _accuracy(run: Run, modality: Modality, variant: Variant) -> float:
    settings = variant.settings(run.config.distil)
    name = f"ablation/{modality}/{variant.name.replace(' ', '_')}"

    def measure(folder: Path) -> None:
        config = replace(run.config, distil=settings)
        distil(
            folder, config, modality, train=run.split("train"), held_out=run.split("validation"), teachers=run.teachers
        )
        test = run.split("test")
        row_N = test.usable(modality)
        student = load_student(folder, modality, tuple(test.inputs(modality).shape[1:]))
        embedding_ND = embed(student, test.inputs(modality)[row_N])
        accuracy = label_accuracy(embedding_ND, test.label_N[row_N], run.teachers.centre_KkD)
        (folder / _RESULT_FILE).write_text(json.dumps(accuracy))

    run.perform(name, measure, settings_of(settings), (run.data_step, "teach"))
    accuracy: float = json.loads((run.step(name) / _RESULT_FILE).read_text())
    return accuracy
