"""What Linux knows of a process: memory, threads, open files."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ProcessFigures:
    """resident_bytes: memory in RAM, shared memory included."""

    resident_bytes: int
    threads: int
    open_files: int


def figures_of(pid: int) -> ProcessFigures:
    """The figures of a process at this moment. Raises OSError when it is gone."""
    folder = Path(f"/proc/{pid}")
    status = dict(
        line.split(":", 1) for line in (folder / "status").read_text(encoding="utf-8").splitlines() if ":" in line
    )
    return ProcessFigures(
        resident_bytes=int(status["VmRSS"].split()[0]) * 1024,
        threads=int(status["Threads"]),
        open_files=sum(1 for _ in (folder / "fd").iterdir()),
    )
