"""Run benchmarks: `python -m benchmarks`, or `python -m benchmarks preprocessing`; `make bench` does the former.

Writes `build/bench/<name>.json` and the tables of `docs/benchmarks.md`.
"""

import argparse
from importlib import import_module
from pathlib import Path

from benchmarks.report import table, write_json
from documentation.blocks import replace_block

ROOT = Path(__file__).resolve().parent.parent
BENCHMARKS = ("preprocessing",)


def main(arguments: list[str] | None = None) -> None:
    """Run what was named, or all."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=f"one of {', '.join(BENCHMARKS)}; all by default")
    parser.add_argument("--seconds", type=float, default=3.0, help="how long to measure each case")
    parser.add_argument("--output", type=Path, default=ROOT / "build" / "bench", help="folder for the JSON files")
    parser.add_argument(
        "--document", type=Path, default=ROOT / "docs" / "benchmarks.md", help="what to put tables into"
    )
    options = parser.parse_args(arguments)
    unknown = set(options.names) - set(BENCHMARKS)
    if unknown:
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}")
    for name in options.names or BENCHMARKS:
        results = options.output / f"{name}.json"
        write_json(results, name, import_module(f"benchmarks.{name}").rows(options.seconds))
        replace_block(options.document, name, table(results))
        print(table(results))


if __name__ == "__main__":
    main()
