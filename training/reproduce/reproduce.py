"""From nothing to the tables of a suite: every seed trained and measured, then all of them together."""

import json
import os
import shutil
from argparse import Namespace
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from training.data import steps as data
from training.data.workers import run_jobs
from training.distillation import steps as distillation
from training.evaluation import steps as evaluation
from training.evaluation.aggregate import aggregate
from training.evaluation.evaluate import RESULTS_FILE
from training.fusion import steps as fusion
from training.reproduce.ablation import ablation
from training.reproduce.report import suite_to_markdown
from training.reproduce.suite import Suite
from training.reproduce.targets import targets
from training.run import Run
from training.run_folder import link_step
from training.step import Step
from training.teachers import steps as teachers

SUITE_FILE = "suite.json"
_PICTURES = ("heads.png", "robustness.png", "confidence.png", "confusion.png", "embeddings.png")
_DATA = "data"
_DATA_STEPS = tuple(step for step in data.STEPS if isinstance(step, Step))
_TEACHER_STEPS = tuple(step for step in teachers.STEPS if isinstance(step, Step))
_TRAINING_STEPS = (*_TEACHER_STEPS, *distillation.STEPS, *fusion.STEPS, *evaluation.STEPS)


def reproduce(suite: Suite, build: Path, output: Path, workers: int | None = None) -> Mapping[str, Any]:
    """Run what is not done yet, and write `<suite>.json`, `<suite>.md` and pictures to `output`; returns the results.

    The samples are drawn once. The seeds, each a run of its own under `build`, are spread over the cores.
    """
    folder = build / suite.folder
    _perform(_run(suite, folder, suite.seeds[0], _DATA), _DATA_STEPS)
    run_jobs(suite.name, train_seed, [(suite, folder, seed) for seed in suite.seeds], workers or _cores(suite))
    parts = [json.loads((folder / _seed(seed) / SUITE_FILE).read_text()) for seed in suite.seeds]
    results = {
        "suite": suite.name,
        "seeds": list(suite.seeds),
        "minutes": {_seed(seed): part.pop("minutes") for seed, part in zip(suite.seeds, parts, strict=True)},
        **aggregate(parts),
    }
    results["targets"] = [target.as_dict() for target in targets(suite, results)]
    output.mkdir(parents=True, exist_ok=True)
    (output / f"{suite.name}.json").write_text(json.dumps(results, indent=2))
    (output / f"{suite.name}.md").write_text(suite_to_markdown(results))
    for picture in _PICTURES:
        shutil.copy(folder / _seed(suite.seeds[0]) / "evaluate" / picture, output / f"{suite.name}_{picture}")
    return results


def train_seed(suite: Suite, folder: Path, seed: int) -> None:
    """Everything of one seed; its results go to `SUITE_FILE` in its folder."""
    run = _run(suite, folder, seed, _seed(seed))
    for step in _DATA_STEPS:
        link_step(folder / _seed(seed), folder / _DATA, step.name)
    _perform(run, _TRAINING_STEPS)
    results = json.loads((run.step("evaluate") / RESULTS_FILE).read_text())
    results["ablation"] = ablation(run, suite)
    results["minutes"] = round(sum(run.durations().values()) / 60, 1)
    (folder / _seed(seed) / SUITE_FILE).write_text(json.dumps(results))


def _run(suite: Suite, folder: Path, seed: int, name: str) -> Run:
    (folder / name).mkdir(parents=True, exist_ok=True)
    return Run(folder / name, replace(suite.config, seed=seed), folder / name / "bundle")


def _perform(run: Run, steps: Sequence[Step]) -> None:
    for step in steps:
        step.run(run, Namespace(force=False))


def _seed(seed: int) -> str:
    return f"seed-{seed}"


def _cores(suite: Suite) -> int:
    return min(len(suite.seeds), os.cpu_count() or 1)
