"""Command line: `python -m training <step>`; `all` runs every step that is not done yet.

Each step reads the files of the steps before it from build/training/<run> and writes its own there.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from pathlib import Path

import torch

from omnibind_ros.errors import OmnibindError
from training.config import TrainingConfig
from training.config_file import CONFIG_FILE, load_config, save_config, shipped_configs, shipped_path
from training.pipeline import STEPS
from training.processes import is_main
from training.run import Run
from training.step import Step, Tool

_THREADS = 2
_DEFAULT_CONFIG = "sim"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the step asked for; 0 when all went well."""
    options = _parser().parse_args(arguments)
    if "OMP_NUM_THREADS" not in os.environ:
        torch.set_num_threads(min(_THREADS, os.cpu_count() or 1))
    with Path(os.devnull).open("w") as nowhere, redirect_stdout(sys.stdout if is_main() else nowhere):
        try:
            _perform(options)
        except (FileNotFoundError, OmnibindError) as error:
            print(error)
            return 1
        return 0


def _perform(options: argparse.Namespace) -> None:
    if isinstance(options.entry, Tool):
        options.entry.run(options)
        return
    run = _run(options)
    for step in options.entry if isinstance(options.entry, tuple) else (options.entry,):
        step.run(run, options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m training", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(metavar="step", required=True)
    for step in STEPS:
        needs = f" It reads what `{'` and `'.join(step.needs)}` made." if isinstance(step, Step) and step.needs else ""
        description = f"{step.help[0].upper()}{step.help[1:]}.{needs}"
        command = commands.add_parser(
            step.name,
            help=step.help,
            description=description,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        step.arguments(command)
        if isinstance(step, Step):
            _add_run_options(command)
        command.set_defaults(entry=step)
    every = tuple(step for step in STEPS if isinstance(step, Step) and step.in_all)
    description = "run every step that is not done yet: " + ", ".join(step.name for step in every)
    command = commands.add_parser(
        "all", help=description, description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    _add_run_options(command)
    command.set_defaults(entry=every)
    return parser


def _add_run_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("the run")
    group.add_argument(
        "--config",
        help=f"a YAML file or one of {', '.join(shipped_configs())}; by default the one the run was last given, "
        f"or {_DEFAULT_CONFIG}",
    )
    group.add_argument(
        "--set", action="append", default=[], metavar="SECTION.KEY=VALUE", help="change one key; may be repeated"
    )
    group.add_argument("--seed", type=int, help="short for --set seed=…")
    group.add_argument("--run", help="name of the run's folder; by default that of the configuration")
    group.add_argument("--build", type=Path, default=Path("build/training"), help="where run folders lie (%(default)s)")
    group.add_argument("--output", type=Path, help="where the bundle goes; by default into the run's folder")
    group.add_argument("--force", action="store_true", help="run the step even if it is done")


def _run(options: argparse.Namespace) -> Run:
    """The run the options speak of; its configuration is written into its folder."""
    name = options.run or (shipped_path(options.config).stem if options.config else _DEFAULT_CONFIG)
    folder = options.build / name
    config = _config(options, folder / CONFIG_FILE)
    if is_main():
        folder.mkdir(parents=True, exist_ok=True)
        save_config(config, folder / CONFIG_FILE)
    return Run(folder, config, options.output or folder / config.name)


def _config(options: argparse.Namespace, last: Path) -> TrainingConfig:
    remembered = options.config is None and last.exists()
    path = last if remembered else shipped_path(options.config or _DEFAULT_CONFIG)
    seed = [] if options.seed is None else [f"seed={options.seed}"]
    return load_config(path, [*options.set, *seed])


if __name__ == "__main__":
    raise SystemExit(main())
