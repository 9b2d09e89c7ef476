"""The tool `prove`."""

import json
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from pathlib import Path

from documentation.blocks import replace_block
from training.real_data.prove import BLOCK, prove, to_markdown
from training.step import Tool

_DOCUMENT = Path(__file__).parents[2] / "docs" / "results.md"


def _positive(argument: str) -> int:
    if not argument.isdecimal() or not int(argument):
        raise ArgumentTypeError(f"`{argument}` is not a whole number above 0")
    return int(argument)


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, help="folder of the recordings; by default OMNIBIND_TEST_DATA")
    parser.add_argument("--seeds", type=_positive, default=3, help="how many (%(default)s)")
    parser.add_argument("--output", type=Path, default=Path("build/results"), help="where tables go (%(default)s)")
    parser.add_argument(
        "--write-docs", action="store_true", help=f"also write the tables into {_DOCUMENT.name} in docs/"
    )


def _prove(options: Namespace) -> None:
    results = prove(options.data, range(options.seeds))
    table = to_markdown(results)
    options.output.mkdir(parents=True, exist_ok=True)
    (options.output / f"{BLOCK}.json").write_text(json.dumps(results, indent=2))
    (options.output / f"{BLOCK}.md").write_text(f"{table}\n")
    print(table)
    if options.write_docs and results["sets"]:
        replace_block(_DOCUMENT, BLOCK, table)


STEPS: tuple[Tool, ...] = (
    Tool("prove", "frozen backbones, projectors and fusion on real recordings, against neighbours", _prove, _arguments),
)
