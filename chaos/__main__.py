"""The suite's command line: `python -m chaos [--full] [--only NAME] [--write-docs]`."""

import argparse
import os
import shutil
import signal
import sys
import time
from pathlib import Path

from chaos import report
from chaos.findings import ScenarioResult

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs" / "reliability.md"
# Above the ephemeral ports of Linux; tests and robots use the domains up to 101.
DOMAINS = range(215, 232)


def main() -> int:
    """Run the scenarios; 0 when all passed."""
    # Before anything of ROS is imported: this computer only, and shared memory large enough for images.
    os.environ["ROS_AUTOMATIC_DISCOVERY_RANGE"] = "LOCALHOST"
    for variable in ("FASTRTPS_DEFAULT_PROFILES_FILE", "FASTDDS_DEFAULT_PROFILES_FILE"):
        os.environ[variable] = str(ROOT / "config" / "fastdds_large_messages.xml")
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
    results: list[ScenarioResult] = []
    chosen = [scenario for scenario in ALL if not options.only or scenario.name in options.only]
    first_domain = time.time_ns() % len(DOMAINS)
    for number, scenario in enumerate(chosen):
        print(f"{number + 1}/{len(chosen)} {scenario.name}: {scenario.title} …", flush=True)
        result = run(
            scenario,
            FULL if options.full else QUICK,
            folder=options.output,
            domain=DOMAINS[(first_domain + number) % len(DOMAINS)],
            bundle=bundle.resolve(),
        )
        results.append(result)
        print(f"    {'passed' if result.passed else 'FAILED'} {result.times} {result.detail}", flush=True)
    mode = "full" if options.full else "quick"
    (options.output / "report.json").write_text(report.as_json(results, mode=mode, computer=computer), encoding="utf-8")
    titles = {scenario.name: scenario.title for scenario in ALL}
    if options.write_docs:
        document = DOCUMENT.read_text(encoding="utf-8")
        DOCUMENT.write_text(report.with_block(document, report.block(results, titles, computer)), encoding="utf-8")
    print(f"\n{report.table(results, titles)}\n\n{options.output / 'report.json'}")
    return 0 if report.passed(results) else 1


def _parser(names: list[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m chaos", description="Break the robot's sensors and nodes.")
    parser.add_argument("--full", action="store_true", help="the long scenarios in their full length, 10 minutes each")
    parser.add_argument("--only", action="append", choices=names, metavar="NAME", help=f"one of {', '.join(names)}")
    parser.add_argument("--write-docs", action="store_true", help=f"write the table into {DOCUMENT.relative_to(ROOT)}")
    parser.add_argument("--output", type=Path, default=ROOT / "build" / "chaos", help="folder for report and logs")
    parser.add_argument("--bundle", type=Path, default=ROOT / "models" / "omnibind-sim", help="folder of the bundle")
    return parser


if __name__ == "__main__":
    sys.exit(main())
