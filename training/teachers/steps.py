"""The step `teach`."""

from argparse import Namespace

from training.run import Run
from training.run_folder import settings_of
from training.step import Step
from training.teachers.teach import teach


def _teach(run: Run, options: Namespace) -> None:
    run.perform(
        "teach",
        lambda folder: teach(folder, run.config, run.split("train")),
        settings_of(run.config.teach),
        (run.data_step,),
        force=options.force,
        together=True,
    )


STEPS = (
    Step("teach", "train the image teacher and the text tower's projection, then freeze both", _teach, ("simulate",)),
)
