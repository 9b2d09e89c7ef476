"""What Linux knows of a process: memory, threads, open files, processor time."""

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ProcessFigures:
    """resident_bytes: memory in RAM, shared memory included. cpu_s: processor time of all its threads so far."""

    resident_bytes: int
    threads: int
    open_files: int
    cpu_s: float


def figures_of(pid: int) -> ProcessFigures:
    """The figures of a process at this moment. Raises OSError when it is gone."""
    folder = Path(f"/proc/{pid}")
    status = dict(
        line.split(":", 1) for line in (folder / "status").read_text(encoding="utf-8").splitlines() if ":" in line
    )
    # The name, in brackets, may hold anything; the times are the 14th and 15th value of the line.
    times = (folder / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[11:13]
    return ProcessFigures(
        resident_bytes=int(status["VmRSS"].split()[0]) * 1024,
        threads=int(status["Threads"]),
        open_files=sum(1 for _ in (folder / "fd").iterdir()),
        cpu_s=sum(map(int, times)) / os.sysconf("SC_CLK_TCK"),
    )


def files_of(pid: int) -> set[Path]:
    """The files that a process has mapped: its program, libraries and data. Raises OSError when it is gone."""
    lines = Path(f"/proc/{pid}/maps").read_text(encoding="utf-8").splitlines()
    return {path for line in lines if (path := Path(line.partition("/")[1] + line.partition("/")[2])).is_file()}
