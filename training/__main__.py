"""Command line: `python -m training <step>`; `all` runs every step that is not done yet.

Steps in their order: simulate, teach, distil, fuse, calibrate, evaluate, export, bundle. Each reads the files of the
steps before it from build/training/<run> and writes its own there; the bundle goes to models/<name>.
"""

import argparse
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch

from omnibind_ros.errors import OmnibindError
from omnibind_ros.modality import Modality
from training.config import TrainingConfig, full, quick
from training.pipeline import STEPS, Pipeline

_THREADS = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the steps asked for; 0 when all went well."""
    options = _parser().parse_args(arguments)
    torch.set_num_threads(min(_THREADS, os.cpu_count() or 1))
    config = _config(options)
    folder = Path(options.build) / (options.run or ("quick" if options.quick else "full"))
    # a quick run never replaces the bundle that robots use
    output = folder / config.name if options.quick else Path("models") / config.name
    pipeline = Pipeline(folder, config, Path(options.output or output))
    steps = STEPS if options.step == "all" else (options.step,)
    only = tuple(options.modality) if options.step == "distil" and options.modality else config.modalities
    try:
        for step in steps:
            pipeline.run(step, only=only, force=options.force)
    except (FileNotFoundError, OmnibindError) as error:
        print(error)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__, formatter_class=_Formatter)
    parser.add_argument("step", choices=(*STEPS, "all"))
    parser.add_argument("--quick", action="store_true", help="tiny counts: shows that every step works, no more")
    parser.add_argument("--run", help="name of the run's folder (full, or quick with --quick)")
    parser.add_argument("--build", default="build/training", help="where run folders lie")
    parser.add_argument("--output", help="where the bundle goes (models/omnibind-sim; with --quick the run's folder)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--force", action="store_true", help="run the step even if it is done")
    parser.add_argument(
        "--modality", type=Modality, action="append", choices=list(Modality), help="distil only these; may be repeated"
    )
    return parser


class _Formatter(argparse.RawDescriptionHelpFormatter, argparse.ArgumentDefaultsHelpFormatter):
    """The description as it is written, and every default."""


def _config(options: argparse.Namespace) -> TrainingConfig:
    config = quick() if options.quick else full()
    return replace(config, seed=options.seed)


if __name__ == "__main__":
    raise SystemExit(main())
