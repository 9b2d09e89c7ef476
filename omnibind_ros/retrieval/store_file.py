"""The file of a store: written at once or not at all, and by one process only."""

import fcntl
import os
import tempfile
from contextlib import suppress
from pathlib import Path

from omnibind_ros.errors import ConfigurationError, StoreError
from omnibind_ros.retrieval.store import Store, StoreSettings
from omnibind_ros.retrieval.store_format import store_from_bytes, store_to_bytes

_LARGEST_FILE = 8 * 1024**3
_DAMAGED = ".damaged"
_LOCK = ".lock"


class StoreFile:
    """A file that this process has to itself. What is in it tells what a robot saw: only its user can read it."""

    def __init__(self, path: Path) -> None:
        """Raises StoreError when another process has it, or it cannot be there."""
        self.path = path
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock = os.open(path.with_name(path.name + _LOCK), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise self._unusable(error) from error
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._lock)
            raise StoreError(
                "another process has this memory", remedy="end that one, or name another file", source=str(path)
            ) from error

    def read(self, space: int, dimension: int, settings: StoreSettings) -> Store:
        """The store in the file; an empty one where there is no file.

        Raises StoreError for a damaged file, ConfigurationError for one that cannot be read, or is of another embedding
        space or format.
        """
        if not self.path.exists():
            return Store(space, dimension, settings)
        try:
            if self.path.stat().st_size > _LARGEST_FILE:
                raise StoreError("it is larger than any memory", remedy="name another file")
            return store_from_bytes(self.path.read_bytes(), space, dimension, settings)
        except OSError as error:
            raise ConfigurationError(
                f"cannot be read: {error.strerror or error}", remedy="let this user read it", source=str(self.path)
            ) from error
        except (StoreError, ConfigurationError) as error:
            raise error.at(str(self.path)) from error.__cause__

    def write(self, store: Store) -> None:
        """Write the store in place of what is there. Raises StoreError, and then the file is as it was."""
        try:
            handle, partial = tempfile.mkstemp(prefix=".", dir=self.path.parent)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(store_to_bytes(store))
                    file.flush()
                    os.fsync(handle)
                Path(partial).replace(self.path)
            except BaseException:
                with suppress(OSError):
                    Path(partial).unlink()
                raise
        except OSError as error:
            raise self._unusable(error) from error

    def set_aside(self) -> Path:
        """Move a damaged file away, over one that was moved away before; returns where it is. Raises StoreError."""
        try:
            return self.path.replace(self._aside)
        except OSError as error:
            raise self._unusable(error) from error

    def discard_damaged(self) -> None:
        """Delete a damaged file that was moved away. Raises StoreError."""
        try:
            self._aside.unlink(missing_ok=True)
        except OSError as error:
            raise self._unusable(error) from error

    def close(self) -> None:
        """Let others have it."""
        os.close(self._lock)

    @property
    def _aside(self) -> Path:
        return self.path.with_name(self.path.name + _DAMAGED)

    def _unusable(self, error: OSError) -> StoreError:
        return StoreError(
            f"cannot be written: {error.strerror or error}",
            remedy="free space, or name another file",
            source=str(self.path),
        )
