"""The command line: `python -m benchmarks [--only NAME] [--quick] [--write-docs]`; `make bench` writes the docs, too.

Writes `build/bench/<name>.json` and the plots beside it.
"""

import argparse
import shlex
import sys
from importlib import import_module
from pathlib import Path

from benchmarks.plots import draw
from benchmarks.report import PLOT_FOLDER, load_average, markdown, write_json
from benchmarks.result import Result, UnavailableError
from documentation.blocks import replace_block
from rig.network import stay_on_this_computer

ROOT = Path(__file__).resolve().parent.parent
BENCHMARKS = (
    "end_to_end",
    "seven_sensors",
    "fusion_cost",
    "first_recognition",
    "subsets",
    "encoders",
    "peer_style",
    "preprocessing",
)


def main(arguments: list[str] | None = None) -> int:
    """Run what was named, or all; 0 also when a target was missed, which is a finding and not a failure."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", action="append", choices=BENCHMARKS, metavar="NAME", help=", ".join(BENCHMARKS))
    parser.add_argument("--quick", action="store_true", help="as short as possible: shows that it works, no more")
    parser.add_argument("--write-docs", action="store_true", help="write tables and plots into docs/benchmarks.md")
    parser.add_argument("--output", type=Path, default=ROOT / "build" / "bench", help="folder for JSON and plots")
    parser.add_argument("--document", type=Path, default=ROOT / "docs" / "benchmarks.md", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    stay_on_this_computer()
    for name in options.only or BENCHMARKS:
        print(f"{name} …", flush=True)
        load_before = load_average()
        try:
            result: Result = import_module(f"benchmarks.{name}").measure(options.output / name, quick=options.quick)
        except UnavailableError as missing:
            print(f"{name}: left out, {missing}", flush=True)
            continue
        results = options.output / f"{name}.json"
        command = ["python", "-m", "benchmarks", "--only", name, *(["--quick"] if options.quick else [])]
        write_json(results, name, result, command=shlex.join(command), load_before=load_before)
        plots = {f"{plot.name}.png": draw(plot) for plot in result.plots}
        _write_all(plots, options.output)
        if options.write_docs:
            _write_all(plots, options.document.parent / PLOT_FOLDER)
            replace_block(options.document, name, markdown(results))
        print(markdown(results), flush=True)
    return 0


def _write_all(files: dict[str, bytes], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)


if __name__ == "__main__":
    sys.exit(main())
