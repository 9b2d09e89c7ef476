"""The step `distil`: one student a modality."""

from argparse import ArgumentParser, Namespace
from functools import partial
from pathlib import Path
from typing import Any

from omnibind_ros.modality import Modality
from training.config import DistilConfig
from training.distillation.distil import distil
from training.distillation.distil_text import distil_text
from training.run import Run
from training.run_folder import settings_of
from training.step import Step


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--modality", type=Modality, action="append", choices=list(Modality), help="only this one; may be repeated"
    )


def _distil(run: Run, options: Namespace) -> None:
    # `all` has no options of single steps
    for modality in getattr(options, "modality", None) or run.config.modalities:
        run.perform(
            f"distil/{modality}",
            partial(_distil_one, run, modality),
            _settings(run.config.distil, modality),
            (run.data_step, "teach"),
            force=options.force,
            together=True,
        )


def _settings(distil: DistilConfig, modality: Modality) -> dict[str, Any]:
    """What decides one student: the sizes of the others do not."""
    settings = settings_of(distil)
    del settings["sizes"]
    return {**settings, "size": distil.size_of(modality)}


def _distil_one(run: Run, modality: Modality, folder: Path) -> None:
    data = {"train": run.split("train"), "held_out": run.split("validation")}
    if modality is Modality.TEXT:
        distil_text(folder, run.config, **data, labels=run.labels, teachers=run.teachers)
    else:
        distil(folder, run.config, modality, **data, teachers=run.teachers)


STEPS = (
    Step(
        "distil",
        "train one student encoder a modality to stand where the teachers stand",
        _distil,
        ("teach",),
        _arguments,
    ),
)
