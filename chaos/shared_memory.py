"""Shared-memory segments of Fast DDS: a participant that is killed leaves its own behind, 32 MB each."""

import re
from collections.abc import Iterable
from pathlib import Path

# A participant's own segment and its lock; the ports, which several participants share, have other names.
_SEGMENT = re.compile(r"/dev/shm/fastrtps_[0-9a-f]{16}(?:_el)?$", re.MULTILINE)  # noqa: S108 (where Fast DDS puts them)


def segments_of(pid: int) -> set[Path]:
    """The segments that a process has mapped: its own, and those of the participants it receives from."""
    try:
        maps = Path(f"/proc/{pid}/maps").read_text(encoding="utf-8")
    except OSError:
        return set()
    mapped = {Path(found) for found in _SEGMENT.findall(maps)}
    return mapped | {path.with_name(f"{path.name}_el") for path in mapped if not path.name.endswith("_el")}


def remove(segments: Iterable[Path]) -> None:
    """Remove segments whose participants have all ended."""
    for segment in segments:
        segment.unlink(missing_ok=True)
