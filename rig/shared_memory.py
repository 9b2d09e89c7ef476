"""Shared memory of Fast DDS: a participant that is killed leaves its segment of 32 MB and its port behind."""

import re
from collections.abc import Iterable
from pathlib import Path

# A participant's own segment and its lock; the ports, which several participants share, have other names.
_FOLDER = Path("/dev/shm")  # noqa: S108 (where Fast DDS puts them)
_PORTS_A_DOMAIN, _FIRST_PORT = 250, 7400
_PORT = re.compile(r"fastrtps_port(\d+)")
_SEGMENT = re.compile(r"/dev/shm/fastrtps_[0-9a-f]{16}(?:_el)?$", re.MULTILINE)  # noqa: S108 (where Fast DDS puts them)


def segments_of(pid: int) -> set[Path]:
    """The segments that a process has mapped: its own, and those of the participants it receives from."""
    try:
        maps = Path(f"/proc/{pid}/maps").read_text(encoding="utf-8")
    except OSError:
        return set()
    mapped = {Path(found) for found in _SEGMENT.findall(maps)}
    return mapped | {path.with_name(f"{path.name}_el") for path in mapped if not path.name.endswith("_el")}


def ports_of(domain: int) -> set[Path]:
    """The ports of a ROS domain."""
    first = _FIRST_PORT + _PORTS_A_DOMAIN * domain
    return {
        path
        for path in _FOLDER.glob("*fastrtps_port*")
        if (found := _PORT.search(path.name)) and first <= int(found[1]) < first + _PORTS_A_DOMAIN
    }


def remove(files: Iterable[Path]) -> None:
    """Remove what was left behind; all participants must have ended."""
    for file in files:
        file.unlink(missing_ok=True)
