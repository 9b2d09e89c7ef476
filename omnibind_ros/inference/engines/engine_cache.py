"""The engines that were built on this computer, in a private folder."""

import fcntl
import os
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from omnibind_ros.errors import BackendError
from omnibind_ros.inference.engines.engine_key import EngineKey
from omnibind_ros.inference.engines.private_folder import Entry, PrivateFolder

KEPT_PER_NETWORK = 2
UNUSED_DAYS = 60
_LOCK = ".builder.lock"
_DAY_S = 86_400


class EngineCache:
    """Every method raises BackendError when the folder cannot be used. Several processes may use one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = PrivateFolder(folder)

    def plan(self, key: EngineKey) -> bytes | None:
        """The engine of a key; None when there is none, or not the one that was written for exactly this key."""
        return self._folder.read(key.file, _note(key))

    def keep_plan(self, key: EngineKey, plan: bytes) -> None:
        """Keep an engine; only while building."""
        self._folder.write(key.file, plan, _note(key))

    def discard_plan(self, key: EngineKey) -> None:
        """Forget an engine that TensorRT does not take."""
        self._folder.remove(key.file)

    def timings(self, key: EngineKey) -> bytes:
        """How long which kernel took in earlier builds on this machine; empty when that is not known."""
        return self._folder.read(key.timing_file, key.machine) or b""

    def keep_timings(self, key: EngineKey, timings: bytes) -> None:
        """Keep the timings for the next build; only while building."""
        self._folder.write(key.timing_file, timings, key.machine)

    @contextmanager
    def building(self, wait: Callable[[], None]) -> Iterator[None]:
        """Be the only builder of all processes. `wait` is called once when there is another one.

        The lock goes with its process, however that ends.
        """
        self._folder.ready()
        try:
            handle = os.open(self._folder.path / _LOCK, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise self._no_lock(error) from error
        try:
            self._lock(handle, wait)
            self._folder.sweep()  # what a builder that was killed has left
            yield
        finally:
            os.close(handle)

    def prune(self, now_s: float) -> None:
        """Delete engines of which the same network has newer ones, or that nobody used for long.

        Only while building. now_s: Unix time in seconds.
        """
        by_network: dict[tuple[object, ...], list[Entry]] = defaultdict(list)
        for entry in self._folder.entries():
            by_network[tuple(entry.about.get(part) for part in ("network", "library", "gpu"))].append(entry)
        for entries in by_network.values():
            newest_first = sorted(entries, key=lambda entry: entry.used_s, reverse=True)
            for rank, entry in enumerate(newest_first):
                if rank >= KEPT_PER_NETWORK or entry.used_s < now_s - UNUSED_DAYS * _DAY_S:
                    self._folder.remove(entry.name)

    def _lock(self, handle: int, wait: Callable[[], None]) -> None:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            wait()
            fcntl.flock(handle, fcntl.LOCK_EX)
        except OSError as error:
            raise self._no_lock(error) from error

    def _no_lock(self, error: OSError) -> BackendError:
        return BackendError(
            f"the folder cannot be locked: {error.strerror or error}",
            remedy="let XDG_CACHE_HOME be a folder on a disk of this computer",
            source=str(self._folder.path),
        )


def _note(key: EngineKey) -> dict[str, object]:
    return {"network": key.network, **key.about}
