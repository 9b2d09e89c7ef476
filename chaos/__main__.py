"""The suite's command line: `python -m chaos [--full] [--only NAME] [--repeat N] [--write-docs]`."""

import argparse
import os
import shutil
import signal
import sys
from pathlib import Path

from chaos import report
from chaos.findings import ScenarioResult
from documentation.blocks import replace_block
from rig.network import domains, stay_on_this_computer

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs" / "reliability.md"
BLOCKS = {"quick": "chaos", "full": "chaos-full"}


def main() -> int:
    """Run the scenarios; 0 when all passed."""
    stay_on_this_computer()
    from chaos.scenario import FULL, QUICK, run  # noqa: PLC0415
    from chaos.scenarios import ALL  # noqa: PLC0415

    options = _parser([scenario.name for scenario in ALL]).parse_args()
    os.chdir(ROOT)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    options.output.mkdir(parents=True, exist_ok=True)
    # A copy: whoever trains a new one meanwhile must not change what is tested.
    bundle = options.output / "bundle"
    shutil.rmtree(bundle, ignore_errors=True)
    shutil.copytree(options.bundle, bundle)
    computer = report.machine()
    chosen = [scenario for scenario in ALL if not options.only or scenario.name in options.only]
    domain = domains()
    rounds: list[list[ScenarioResult]] = []
    for round_number in range(1, options.repeat + 1):
        folder = options.output if options.repeat == 1 else options.output / f"round_{round_number}"
        rounds.append([])
        for number, scenario in enumerate(chosen, 1):
            told = f"round {round_number}/{options.repeat}, " if options.repeat > 1 else ""
            print(f"{told}{number}/{len(chosen)} {scenario.name}: {scenario.title} …", flush=True)
            durations = FULL if options.full else QUICK
            result = run(scenario, durations, folder=folder, domain=next(domain), bundle=bundle.resolve())
            rounds[-1].append(result)
            print(f"    {'passed' if result.passed else 'FAILED'} {result.times} {result.detail}", flush=True)
    mode = "full" if options.full else "quick"
    (options.output / "report.json").write_text(report.as_json(rounds, mode=mode, computer=computer), encoding="utf-8")
    titles = {scenario.name: scenario.title for scenario in ALL}
    if options.write_docs:
        replace_block(DOCUMENT, BLOCKS[mode], report.block(rounds, titles, computer, mode=mode))
    print(f"\n{report.table(rounds, titles)}\n\n{options.output / 'report.json'}")
    return 0 if report.passed(rounds) else 1


def _parser(names: list[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m chaos", description="Break the robot's sensors and nodes.")
    parser.add_argument("--full", action="store_true", help="the long scenarios in their full length, 10 minutes each")
    parser.add_argument("--only", action="append", choices=names, metavar="NAME", help=f"one of {', '.join(names)}")
    parser.add_argument("--repeat", type=int, default=1, metavar="N", help="so many rounds; all of them must pass (1)")
    parser.add_argument("--write-docs", action="store_true", help=f"write the table into {DOCUMENT.relative_to(ROOT)}")
    parser.add_argument("--output", type=Path, default=ROOT / "build" / "chaos", help="folder for report and logs")
    parser.add_argument("--bundle", type=Path, default=ROOT / "models" / "omnibind-sim", help="folder of the bundle")
    return parser


if __name__ == "__main__":
    sys.exit(main())
