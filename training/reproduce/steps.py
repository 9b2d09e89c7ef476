"""The tool `reproduce`."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from training.reproduce.document import write_document
from training.reproduce.report import targets_to_markdown
from training.reproduce.reproduce import reproduce
from training.reproduce.suite import SUITES, load_suite
from training.step import Tool

_DOCUMENT = Path(__file__).parents[2] / "docs" / "results.md"


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--suite", choices=SUITES, required=True)
    parser.add_argument("--quick", action="store_true", help="tiny counts and one seed: shows that every step works")
    parser.add_argument("--build", type=Path, default=Path("build/training"), help="where the runs lie (%(default)s)")
    parser.add_argument("--output", type=Path, default=Path("build/results"), help="where tables go (%(default)s)")
    parser.add_argument("--workers", type=int, help="seeds at the same time (as many as cores)")
    parser.add_argument(
        "--write-docs", action="store_true", help=f"also write tables and pictures into {_DOCUMENT.name} in docs/"
    )


def _reproduce(options: Namespace) -> None:
    suite = load_suite(options.suite, quick=options.quick)
    output = options.output / "quick" if options.quick else options.output
    results = reproduce(suite, options.build, output, options.workers)
    print(targets_to_markdown(results["targets"]))
    print(f"\nall tables: {output / suite.name}.md")
    if options.write_docs:
        write_document(_DOCUMENT, suite.name, output)


STEPS: tuple[Tool, ...] = (
    Tool("reproduce", "a whole suite, from nothing to its tables in build/results/", _reproduce, _arguments),
)
