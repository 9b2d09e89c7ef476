"""The steps `export` and `bundle`."""

import json
from argparse import Namespace

from omnibind_ros.modality import Modality
from training.data.inputs import input_settings
from training.evaluation.calibrate import CALIBRATION_FILE
from training.evaluation.evaluate import RESULTS_FILE
from training.evaluation.html_report import REPORT_FILE, write_report
from training.export.bundle import TOKENIZER_FILE, make_bundle
from training.export.export import export
from training.fusion.fuse import load_head
from training.fusion.heads.registry import BUNDLED
from training.run import Run
from training.step import Step


def _export(run: Run, options: Namespace) -> None:
    shapes = {
        modality: input_settings(modality, run.config.data.inputs).input_shape for modality in run.config.modalities
    }
    run.perform(
        "export",
        lambda folder: export(folder, run.config, run.step("distil"), shapes, load_head(run.step(f"fuse/{BUNDLED}"))),
        {},
        (f"fuse/{BUNDLED}",),
        force=options.force,
    )


def _bundle(run: Run, options: Namespace) -> None:
    run.perform(
        "bundle",
        lambda _: _write_bundle(run),
        str(run.output),
        ("export", "evaluate"),
        force=options.force or not run.output.exists(),
    )


def _write_bundle(run: Run) -> None:
    results = json.loads((run.step("evaluate") / RESULTS_FILE).read_text())
    has_text = Modality.TEXT in run.config.modalities
    bundle = make_bundle(
        run.output,
        run.config,
        exported=run.step("export"),
        tokenizer=run.step("distil") / "text" / TOKENIZER_FILE if has_text else None,
        labels=run.labels,
        centre_KkD=run.teachers.centre_KkD,
        calibration=json.loads((run.step(f"calibrate/{BUNDLED}") / CALIBRATION_FILE).read_text()),
        results=results,
        durations=run.durations(),
    )
    size = sum(path.stat().st_size for path in run.output.rglob("*") if path.is_file())
    print(f"{run.output}: {len(bundle.modalities)} modalities, {len(run.labels)} labels, {size / 1e6:.1f} MB")
    write_report(run.folder / REPORT_FILE, run, results, bundle=run.output)
    print(f"{run.folder / REPORT_FILE}: how it learned and how well it does")


STEPS = (
    Step("export", "write students and fusion head as ONNX files, each compared with PyTorch", _export, ("fuse",)),
    Step("bundle", "put everything a robot needs into one folder", _bundle, ("export", "evaluate")),
)
