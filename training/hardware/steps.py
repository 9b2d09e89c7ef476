"""The step `retarget` and the tool `hardware`."""

import math
from argparse import ArgumentParser, ArgumentTypeError, Namespace

from training.hardware.board import load_board, shipped_boards
from training.hardware.board import to_markdown as boards_to_markdown
from training.hardware.choose import to_markdown
from training.hardware.retarget import costs_of, make_bundle, missing_in, plan_without, prepare, refusals_of
from training.run import Run
from training.step import Step, Tool


def _milliseconds(text: str) -> float:
    value = float(text)
    if not math.isfinite(value) or value <= 0:
        raise ArgumentTypeError("a number above 0 is needed")
    return value


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--hardware", required=True, metavar="NAME|FILE", help=f"one of {', '.join(shipped_boards())}, or a YAML file"
    )
    parser.add_argument(
        "--budget-ms", type=_milliseconds, required=True, help="for one input of every sensor and the fusion head"
    )
    parser.add_argument("--power-mode", help="of the board; by default the one of its figures")
    parser.add_argument("--train", action="store_true", help="also train and export what is missing, into a bundle")
    parser.add_argument("--inferences", type=int, default=200, help="on a CPU, a latency is their median (%(default)s)")


def _retarget(run: Run, options: Namespace) -> None:
    board = load_board(options.hardware)
    costs = costs_of(run, board, options.power_mode, options.inferences)
    refusals = refusals_of(run, board)
    while True:
        plan = plan_without(costs, options.budget_ms, refusals)
        print(f"{board.title}\n\n{to_markdown(plan, board)}\n\ninput sizes stay those of the run's data")
        made = prepare(run, board, plan, options.output)
        print(f"configuration: {made.folder / 'config.yaml'}")
        if not options.train:
            print("with --train it becomes a bundle")
            return
        missing = missing_in(make_bundle(made, plan, board, force=options.force), plan, board)
        if not missing:
            print(f"bundle: {made.output}; set the node's parameter `precision` to {plan.precision}")
            return
        for modality, size, precision in sorted(missing):
            print(f"{modality}: {precision} of {size} is not near enough to fp32, so another plan is needed")
        refusals |= missing


def _hardware(_: Namespace) -> None:
    print(boards_to_markdown([load_board(name) for name in shipped_boards()]))


STEPS: tuple[Step | Tool, ...] = (
    Step(
        "retarget",
        "choose sizes and precisions that fit a board and a budget, and make a run and a bundle of them",
        _retarget,
        arguments=_arguments,
        in_all=False,
    ),
    Tool("hardware", "print the figures of the boards and their sources, as a Markdown table", _hardware),
)
