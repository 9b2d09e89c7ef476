"""From the start of a process to its first recognition, with a camera that publishes already.

Warm: the files the process needs are in the page cache, as after a restart of the node. Cold: they have been taken out
of it, as after booting, as far as no other process has them mapped.
"""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.report import rounded
from benchmarks.result import Bars, Cell, Result, Table, Target
from benchmarks.robot import make_rig, source_parameters, topics
from benchmarks.timing import in_turns
from rig.proc import files_of

if TYPE_CHECKING:
    from rig.rig import Rig

FEED = "camera"
TARGET_S = 3.0
WARM, COLD = "warm", "cold"
_LIMIT_S = 60.0
# What the node logs on its way, and what was done before it.
_MARKS = (
    ("interpreter, imports, node", re.compile(r"\[([\d.]+)\] .*(?:ONNX Runtime runs|runs every network)")),
    ("bundle and fusion head", re.compile(r"\[([\d.]+)\] .*: bundle ")),
    ("discovery, first frame, encoder", re.compile(r"\[([\d.]+)\] .*camera.*\blive\b")),
)
_LAST_STEP = "first recognition, and its way"
STEPS = (*(name for name, _ in _MARKS), _LAST_STEP)


def measure(folder: Path, *, quick: bool) -> Result:
    """Several starts of each kind, in turns."""
    starts = 1 if quick else 7
    taken: dict[str, list[list[float]]] = {WARM: [], COLD: []}
    with make_rig(folder) as rig:
        driver = rig.start_driver("benchmarks.driver", topics([FEED]), "driver")
        rig.wait(lambda: "ready" in driver.said, _LIMIT_S, "the driver has made its messages")
        files = _steps_s(rig, 0)[1]
        for number in range(1, starts + 1):
            for kind, of_kind in taken.items():
                if kind == COLD:
                    forget(files)
                of_kind.append(_steps_s(rig, 2 * number + (kind == COLD))[0])
    totals = {kind: [sum(steps) for steps in of_kind] for kind, of_kind in taken.items()}
    rows: list[tuple[Cell, ...]] = [
        (
            kind,
            rounded(median(totals[kind])),
            rounded(max(totals[kind])),
            *(rounded(median(steps[index] for steps in taken[kind])) for index in range(len(STEPS))),
        )
        for kind in taken
    ]
    import_s = [median(times) for times in in_turns([_import_nothing, _import_node], 0.0, time.perf_counter)]
    return Result(
        (
            Table(
                f"Seconds from the start of `perception` to its first recognition, medians of {starts} starts, and of "
                "each step",
                ("page cache", "all", "longest", *STEPS),
                tuple(rows),
            ),
        ),
        tuple(Target(f"first recognition, {kind}", median(totals[kind]), TARGET_S, "s") for kind in totals),
        (
            Bars(
                "first_recognition", "From start to first recognition, median", "s", STEPS,
                {kind: tuple(median(steps[index] for steps in taken[kind]) for index in range(len(STEPS)))
                 for kind in taken},
            ),
        ),
        (
            f"Importing the node takes {import_s[1] - import_s[0]:.2f} s more than starting Python, which takes "
            f"{import_s[0]:.2f} s.",
        ),
    )  # fmt: skip


def forget(files: Iterable[Path]) -> None:
    """Take files out of the page cache; what another process has mapped stays there."""
    os.sync()
    for file in files:
        try:
            descriptor = os.open(file, os.O_RDONLY)
        except OSError:
            continue
        try:
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(descriptor)


def steps_s(said: str, started_s: float, recognised_s: float) -> list[float]:
    """Seconds of each of `STEPS`, from what the node logged; all times are of the system's clock.

    A step whose line is missing took no time, and the one after it all of it.
    """
    marks_s = [started_s]
    for _, pattern in _MARKS:
        found = pattern.search(said)
        marks_s.append(float(found[1]) if found else marks_s[-1])
    return [later - earlier for earlier, later in pairwise([*marks_s, recognised_s])]


def _steps_s(rig: "Rig", number: int) -> tuple[list[float], set[Path]]:
    """Start the node, wait for a recognition, end the node; its steps, and the files it has used."""
    seen = len(rig.observer.recognised_s)
    process = rig.start_node("perception", source_parameters([FEED]), name=f"perception_{number}")
    rig.wait(lambda: len(rig.observer.recognised_s) > seen, _LIMIT_S, "something is recognised")
    system_minus_steady_s = time.time() - time.monotonic()
    files = files_of(process.pid) | _sources() if process.pid is not None else set()
    # The line that tells of the live source may be written after the recognition was sent.
    time.sleep(0.5)
    said = process.said
    process.stop()
    recognised_s = rig.observer.recognised_s[seen] + system_minus_steady_s
    return steps_s(said, process.starts_s[0] + system_minus_steady_s, recognised_s), files


def _sources() -> set[Path]:
    """The compiled modules that the node imports."""
    program = (
        "import omnibind_ros.nodes.perception, sys\n"
        "print(*{module.__cached__ for module in list(sys.modules.values()) if getattr(module, '__cached__', None)},"
        " sep='\\n')"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return {Path(line) for line in done.stdout.splitlines()}


def _import_nothing() -> None:
    subprocess.run([sys.executable, "-c", ""], check=True)


def _import_node() -> None:
    subprocess.run([sys.executable, "-c", "import omnibind_ros.nodes.perception"], check=True)
