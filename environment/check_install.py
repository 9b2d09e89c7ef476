"""Checks that a prefix into which omnibind_ros was installed has all of it; exits with what is missing otherwise.

Usage: environment/run.sh python environment/check_install.py <prefix>
"""

import configparser
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from ament_index_python.packages import get_package_share_directory

PACKAGE = "omnibind_ros"
ROOT = Path(__file__).resolve().parent.parent


def shared_files(root: Path) -> list[Path]:
    """The files of launch/, config/ and models/ under `root`, relative to it."""
    found = (path for folder in ("launch", "config", "models") for path in (root / folder).rglob("*"))
    return sorted(path.relative_to(root) for path in found if path.is_file() and "__pycache__" not in path.parts)


def programs(prefix: Path) -> list[str]:
    """The names of the console scripts that the installed package's metadata lists."""
    metadata = next(prefix.glob(f"lib/python3.*/site-packages/{PACKAGE}*.egg-info/entry_points.txt"))
    parser = configparser.ConfigParser()
    parser.read(metadata, encoding="utf-8")
    return sorted(parser["console_scripts"])


def faults(prefix: Path, root: Path) -> Iterator[str]:
    """What is wrong with the package installed in `prefix` from the sources in `root`, one line each."""
    os.environ["AMENT_PREFIX_PATH"] = f"{prefix}:{os.environ.get('AMENT_PREFIX_PATH', '')}"
    share = Path(get_package_share_directory(PACKAGE))
    if share != prefix / "share" / PACKAGE:
        yield f"the ament index finds the package at {share}"
    for path in [Path("package.xml"), *shared_files(root)]:
        if not (share / path).is_file():
            yield f"{path} was not installed; setup.py lists what is"
    for name in programs(prefix):
        program = prefix / "lib" / PACKAGE / name
        if not os.access(program, os.X_OK):
            yield f"{program} is not there"
        elif program.read_text(encoding="utf-8").splitlines()[0] != "#!/usr/bin/env python3":
            yield f"{program} names an interpreter of its own; see [build_scripts] in setup.cfg"


def main() -> int:
    """Print the faults of the prefix named on the command line; 1 when there are any."""
    prefix = Path(sys.argv[1]).resolve()
    found = list(faults(prefix, ROOT))
    for fault in found:
        print(f"{prefix}: {fault}", file=sys.stderr)
    if not found:
        print(f"{prefix}: all {len(shared_files(ROOT))} shared files and {len(programs(prefix))} programs are there")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
