"""The steps `calibrate` and `evaluate`."""

from argparse import Namespace
from functools import partial
from pathlib import Path

from training.evaluation.calibrate import calibrate, load_calibration
from training.evaluation.evaluate import TrainedHead, evaluate
from training.evaluation.html_report import REPORT_FILE, write_report
from training.evaluation.report import to_markdown
from training.fusion.fuse import load_head, single_thread
from training.run import Run
from training.run_folder import settings_of
from training.step import Step


def _calibrate(run: Run, options: Namespace) -> None:
    for name in run.config.fuse.heads:
        run.perform(
            f"calibrate/{name}",
            partial(_calibrate_one, run, name),
            settings_of(run.config.calibrate),
            (f"fuse/{name}", "embed/validation"),
            force=options.force,
        )


def _calibrate_one(run: Run, name: str, folder: Path) -> None:
    head = load_head(run.step(f"fuse/{name}"), name)
    with single_thread():
        calibrate(folder, run.config.calibrate, run.embedded("validation"), head, run.bank, seed=run.config.seed)


def _evaluate(run: Run, options: Namespace) -> None:
    run.perform(
        "evaluate",
        partial(_evaluate_all, run),
        list(run.config.fuse.heads),
        (*(f"calibrate/{name}" for name in run.config.fuse.heads), "embed/fusion", "embed/test"),
        force=options.force,
    )


def _evaluate_all(run: Run, folder: Path) -> None:
    heads = {
        name: TrainedHead(load_head(run.step(f"fuse/{name}"), name), load_calibration(run.step(f"calibrate/{name}")))
        for name in run.config.fuse.heads
    }
    results = evaluate(
        folder,
        run.config,
        fusion=run.embedded("fusion"),
        validation=run.embedded("validation"),
        test=run.embedded("test"),
        heads=heads,
        bank=run.bank,
        bank_with_unseen=run.bank_with_unseen if run.config.data.unseen else None,
    )
    write_report(folder / REPORT_FILE, run, results)
    print(to_markdown(results))
    print(f"{folder / REPORT_FILE}: the same with pictures")


STEPS = (
    Step(
        "calibrate",
        "fit each head's temperatures and the threshold below which the answer is unknown",
        _calibrate,
        ("fuse",),
    ),
    Step("evaluate", "measure everything on objects that were never trained on", _evaluate, ("calibrate",)),
)
