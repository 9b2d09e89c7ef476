"""From a run to one beside it whose students suit a board: the run's configuration, and its bundle."""

import json
import shutil
from argparse import Namespace
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.inference.bundle import Bundle, load_bundle
from omnibind_ros.inference.bundle_schema import Reduction
from omnibind_ros.inference.precision import CPU_PRECISIONS, GPU_PRECISIONS
from omnibind_ros.modality import Modality
from training.config import StudentSize
from training.config_file import CONFIG_FILE, save_config
from training.data import steps as data
from training.data.inputs import input_settings
from training.distillation import steps as distillation
from training.evaluation import steps as evaluation
from training.export import steps as export
from training.fusion import steps as fusion
from training.hardware.board import Board, Precision
from training.hardware.choose import Plan, choose
from training.hardware.cost import Costs, Shapes, estimated_costs, measured_costs
from training.precision import steps as precision
from training.precision.reduce import REPORT_FILE
from training.run import Run
from training.run_folder import link_step
from training.step import Step
from training.teachers import steps as teachers

# One student in one precision that was too far from the original.
Refusal = tuple[Modality, StudentSize, Precision]

_LINKED = tuple(step.name for step in (*data.STEPS, *teachers.STEPS))
_TRAINED: tuple[Step, ...] = (*distillation.STEPS, *fusion.STEPS, *evaluation.STEPS)
_EXPORT, _BUNDLE = export.STEPS
(_PRECISION,) = precision.STEPS


def costs_of(run: Run, board: Board, power_mode: str | None, runs: int) -> Costs:
    """Costs of every student of the run on the board, for the inputs of the run.

    Raises ConfigurationError for a recipe whose students have no sizes, and for an unknown power mode.
    """
    if run.config.distil.recipe != "compact":
        raise ConfigurationError(
            f"students of the recipe `{run.config.distil.recipe}` are as large as their teacher",
            remedy="sizes are those of --set distil.recipe=compact",
        )
    shapes: Shapes = {
        modality: input_settings(modality, run.config.data.inputs).input_shape for modality in run.config.modalities
    }
    return measured_costs(shapes, runs) if board.measured else estimated_costs(board, shapes, power_mode)


def plan_without(costs: Costs, budget_ms: float, refusals: Collection[Refusal]) -> Plan:
    """The best plan without what was refused. Raises BudgetError."""
    options = [one for one in costs.options if (one.modality, one.size, one.precision) not in refusals]
    return choose(replace(costs, options=tuple(options)), budget_ms)


def refusals_of(run: Run, board: Board) -> set[Refusal]:
    """What the run's own step `precision` refused; nothing where that was not run."""
    report = run.folder / "precision" / REPORT_FILE
    if not report.exists():
        return set()
    by_reduction = {_reduction(board, one): one for one in board.precisions}
    return {
        (modality, run.config.distil.size_of(modality), by_reduction[row["precision"]])
        for row in json.loads(report.read_text())
        if row["refused"] and row["precision"] in by_reduction
        for modality in [Modality(row["modality"])]
    }


def prepare(run: Run, board: Board, plan: Plan, output: Path | None = None) -> Run:
    """The run `<run>-<board>`: its configuration written, and what it shares with the other found in its folder.

    Data and teachers are linked. Everything later is copied, because it may be made again there.
    """
    folder = run.folder.with_name(f"{run.folder.name}-{board.name}")
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{run.config.name}-{board.name}"
    config = replace(run.config, name=name, distil=replace(run.config.distil, sizes=plan.sizes))
    save_config(config, folder / CONFIG_FILE)
    for step in _LINKED:
        link_step(folder, run.folder, step)
    for step in (*(one.name for one in _TRAINED), _EXPORT.name):
        if (run.folder / step).exists() and not (folder / step).exists():
            shutil.copytree(run.folder / step, folder / step)
    return Run(folder, config, output or folder / name)


def make_bundle(run: Run, plan: Plan, board: Board, *, force: bool = False) -> Bundle:
    """Train what is missing, export, and write a bundle with the plan's precisions. Raises FileNotFoundError."""
    _perform((*_TRAINED, _EXPORT), run, force=force)
    _BUNDLE.run(run, Namespace(force=True))  # without the precisions of an earlier plan
    reduced = [option.modality for option in plan.options if option.precision != "fp32"]
    if reduced:
        reduction = _reduction(board, plan.precision)
        _PRECISION.run(run, Namespace(force=force, modality=reduced, precision=[reduction]))
    return load_bundle(run.output)


def missing_in(bundle: Bundle, plan: Plan, board: Board) -> set[Refusal]:
    """What the plan has in lower precision and the bundle not, because it was refused or could not be compared."""
    return {
        (option.modality, option.size, option.precision)
        for option in plan.options
        if option.precision != "fp32"
        and _reduction(board, option.precision) not in bundle.description.encoders[option.modality].reduced
    }


def _reduction(board: Board, precision: Precision) -> Reduction | None:
    return (CPU_PRECISIONS if board.measured else GPU_PRECISIONS)[precision]


def _perform(steps: Sequence[Step], run: Run, *, force: bool) -> None:
    for step in steps:
        step.run(run, Namespace(force=force))
