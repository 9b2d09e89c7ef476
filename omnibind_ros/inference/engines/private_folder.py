"""A folder of this user alone, whose files are used only while they are what a note beside each says.

An engine is a program: whoever can write one decides what the robot runs.
"""

import hashlib
import json
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from omnibind_ros.errors import BackendError

_NOTE = ".json"
_PARTIAL = ".partial"
_LARGEST_NOTE = 64 * 1024


@dataclass(frozen=True, slots=True)
class Entry:
    """A file with a note. used_s: when it was last written or read, in seconds of Unix time."""

    name: str
    about: dict[str, Any]
    used_s: float


class PrivateFolder:
    """The folder is made when something is first written. `path` must not be where others can put files in its way."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def ready(self) -> None:
        """Make the folder, readable by this user only. Raises BackendError when that cannot be."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.mkdir(mode=0o700, exist_ok=True)
            status = self.path.lstat()
            if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid():
                raise self._refused("is a link or belongs to another user")
            if stat.S_IMODE(status.st_mode) != 0o700:
                self.path.chmod(0o700)
        except OSError as error:
            raise self._refused(f"cannot be made: {error.strerror or error}") from error

    def read(self, name: str, about: dict[str, Any]) -> bytes | None:
        """The content of a file; None when there is none, or it is not what was written with exactly this note."""
        if not self.path.exists():
            return None
        self.ready()
        note = self._note(name)
        if note is None or note.get("about") != about:
            return None
        content = self._own_file(name)
        if content is None or hashlib.sha256(content).hexdigest() != note.get("sha256"):
            return None
        with suppress(OSError):
            os.utime(self._note_path(name))
        return content

    def write(self, name: str, content: bytes, about: dict[str, Any]) -> None:
        """Write a file and its note. Ended at any moment, it leaves the old file, the new one, or none.

        Raises BackendError, for a full disk too.
        """
        self.ready()
        note = json.dumps({"about": about, "sha256": hashlib.sha256(content).hexdigest()}).encode()
        try:
            self._note_path(name).unlink(missing_ok=True)
            self._put(self.path / name, content)
            self._put(self._note_path(name), note)
        except OSError as error:
            raise BackendError(
                f"the file cannot be written: {error.strerror or error}",
                remedy=f"make room: {len(content) / 1e6:.0f} MB are needed",
                source=str(self.path / name),
            ) from error

    def remove(self, name: str) -> None:
        """Delete a file and its note, as far as they are there."""
        for path in (self._note_path(name), self.path / name):
            with suppress(OSError):
                path.unlink()

    def entries(self) -> Iterator[Entry]:
        """The files that have a readable note; their content is not looked at."""
        for path in sorted(self.path.glob(f"*{_NOTE}")):
            name = path.name.removesuffix(_NOTE)
            note = self._note(name)
            about = note.get("about") if note else None
            if isinstance(about, dict):
                with suppress(OSError):
                    yield Entry(name, about, path.stat().st_mtime)

    def sweep(self) -> None:
        """Delete what no read would return: files without a note, notes that cannot be read, halves of files.

        Only while nobody writes.
        """
        known = {entry.name for entry in self.entries()}
        for path in self.path.iterdir() if self.path.is_dir() else ():
            if path.suffix == _PARTIAL or (
                not path.name.startswith(".") and path.name.removesuffix(_NOTE) not in known
            ):
                with suppress(OSError):
                    path.unlink()

    def _note_path(self, name: str) -> Path:
        return self.path / f"{name}{_NOTE}"

    def _note(self, name: str) -> dict[str, Any] | None:
        try:
            if self._note_path(name).stat().st_size > _LARGEST_NOTE:
                return None
            note = json.loads(self._own_file(f"{name}{_NOTE}") or b"")
        except (OSError, ValueError, RecursionError):
            return None
        return note if isinstance(note, dict) else None

    def _own_file(self, name: str) -> bytes | None:
        """Content of a plain file of this user; None for anything else."""
        try:
            handle = os.open(self.path / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            return None
        with os.fdopen(handle, "rb") as file:
            status = os.fstat(handle)
            if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid():
                return None
            return file.read()

    def _put(self, path: Path, content: bytes) -> None:
        """Write beside, then rename: nobody ever sees half a file."""
        handle, partial = tempfile.mkstemp(prefix=".", suffix=_PARTIAL, dir=self.path)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(handle)
            Path(partial).replace(path)
        except BaseException:
            with suppress(OSError):
                Path(partial).unlink()
            raise

    def _refused(self, problem: str) -> BackendError:
        return BackendError(
            f"the folder {problem}",
            remedy="engines are kept in $XDG_CACHE_HOME or ~/.cache; let that be a folder of this user",
            source=str(self.path),
        )
