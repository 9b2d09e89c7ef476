"""The folder of what can be computed again: engines, label centres, and room for more."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from omnibind_ros.diagnosis.finding import Finding, ok, problem, warning
from omnibind_ros.inference.engines.private_folder import Entry, PrivateFolder

_SUBJECT = "engine cache"
_MB = 1e6
_ROOM_NEEDED = 1e9


@dataclass(frozen=True, slots=True)
class CacheState:
    """entries: engines and timings that have a note. size_bytes: of all files. strange: files without a note."""

    folder: Path
    entries: tuple[Entry, ...]
    size_bytes: int
    strange: tuple[str, ...]


def cache_state(folder: Path) -> CacheState:
    """What is in the folder of the engines; nothing is made or changed."""
    entries = tuple(PrivateFolder(folder).entries())
    files = [path for path in sorted(folder.iterdir()) if path.is_file()] if folder.is_dir() else []
    known = {name for entry in entries for name in (entry.name, f"{entry.name}.json")}
    strange = tuple(path.name for path in files if path.name not in known and not path.name.endswith(".lock"))
    return CacheState(folder, entries, sum(path.stat().st_size for path in files), strange)


def check_cache(folder: Path) -> Iterator[Finding]:
    """folder: of the engines."""
    try:
        yield from _folder_itself(folder)
        state = cache_state(folder)
        existing = next(path for path in (folder, *folder.parents) if path.is_dir())
        free = shutil.disk_usage(existing).free
    except OSError as error:
        yield problem(
            _SUBJECT, f"{folder} cannot be read: {error.strerror or error}", "let XDG_CACHE_HOME be a folder of yours"
        )
        return
    networks = sorted({str(entry.about["network"]) for entry in state.entries if "network" in entry.about})
    told = f"{len(networks)} networks: {', '.join(networks)}" if networks else "nothing is built yet"
    yield ok(_SUBJECT, f"{folder}: {told}; {state.size_bytes / _MB:.1f} MB")
    if state.strange:
        yield warning(
            _SUBJECT,
            f"files that nothing uses: {', '.join(state.strange)}",
            "none is needed while no engine is being built; the next build deletes them",
        )
    if free < _ROOM_NEEDED:
        yield warning(
            "disk",
            f"{free / _MB:.0f} MB are free at {existing}",
            "make room: engines take up to some hundred MB; what runs goes on without a cache",
        )
    else:
        yield ok("disk", f"{free / 1e9:.0f} GB are free at {existing}")


def _folder_itself(folder: Path) -> Iterator[Finding]:
    """Whether engines can be kept in it, and by nobody else."""
    nearest = next((path for path in (folder, *folder.parents) if path.is_symlink() or path.exists()), folder)
    if folder.is_symlink() or (folder.exists() and (not folder.is_dir() or folder.stat().st_uid != os.geteuid())):
        yield problem(
            _SUBJECT,
            f"{folder} is a link, a file, or another user's: nothing in it is used",
            f"remove it, and run everything as one user: `rm -r {folder}`",
        )
    elif not os.access(nearest, os.W_OK | os.X_OK):
        yield problem(
            _SUBJECT, f"{nearest} cannot be written: engines would be built at every start", "set XDG_CACHE_HOME"
        )
