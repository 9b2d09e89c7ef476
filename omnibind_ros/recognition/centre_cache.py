"""Label centres on disk, so that labels once used are there at once; whatever goes wrong, they can be made again."""

import contextlib
import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

# Tens of thousands of labels of a small bundle, some thousands of a large one.
MOST_BYTES = 256 * 1024 * 1024


class CentreCache:
    """One file for each label, in a folder only this user can enter; those not used for longest make room for others.

    warn: told once when it cannot be written. most_bytes: of all files together; another process that writes at the
    same time may exceed it until the next one that does.
    """

    def __init__(self, folder: Path, warn: Callable[[str], None], *, most_bytes: int = MOST_BYTES) -> None:
        self._folder = folder
        self._warn = warn
        self._warned = False
        self._most_bytes = most_bytes
        self._bytes: int | None = None

    def read(self, key: Sequence[str], shape: tuple[int, int]) -> NDArray[np.float32] | None:
        """The unit vectors of this shape that were written under the key; None when there are none of use."""
        path = self._path(key)
        try:
            centres = load(path.read_bytes()).get("centres")
        except (OSError, SafetensorError, KeyError):  # a KeyError for types that NumPy does not have
            return None
        usable = (
            centres is not None
            and centres.shape == shape
            and centres.dtype == np.float32
            and np.allclose(np.linalg.norm(centres, axis=-1), 1.0, atol=1e-3)
        )
        if not usable:
            return None
        with contextlib.suppress(OSError):
            os.utime(path)  # used now: one of the last to go
        return centres

    def write(self, key: Sequence[str], centres_kD: NDArray[np.float32]) -> None:
        """Keep unit vectors (k, D) under a key; another process may read and write the same."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self._folder)
            try:
                content = save({"centres": np.ascontiguousarray(centres_kD)})
                with os.fdopen(handle, "wb") as file:
                    file.write(content)
                Path(name).replace(self._path(key))
                self._make_room(len(content))
            except OSError:
                with contextlib.suppress(OSError):
                    Path(name).unlink()
                raise
        except OSError as error:
            if not self._warned:
                self._warned = True
                self._warn(f"label centres are not cached: {error} (free or name another folder in XDG_CACHE_HOME)")

    def _make_room(self, added: int) -> None:
        """Count what was added, and remove the files that were not used for longest if there is too much."""
        if self._bytes is not None:
            self._bytes += added
        if self._bytes is not None and self._bytes <= self._most_bytes:
            return
        files = sorted(self._files())
        self._bytes = sum(size for _, _, size in files)
        for _, path, size in files:
            if self._bytes <= self._most_bytes:
                return
            Path(path).unlink(missing_ok=True)
            self._bytes -= size

    def _files(self) -> Iterator[tuple[float, str, int]]:
        """When each file was last used, its path, and its size."""
        with os.scandir(self._folder) as entries:
            for entry in entries:
                with contextlib.suppress(FileNotFoundError):  # another process has removed it
                    status = entry.stat(follow_symlinks=False)
                    yield status.st_mtime, entry.path, status.st_size

    def _path(self, key: Sequence[str]) -> Path:
        return self._folder / f"{hashlib.sha256(json.dumps(list(key)).encode()).hexdigest()}.safetensors"
