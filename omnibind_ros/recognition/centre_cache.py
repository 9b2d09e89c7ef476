"""Label centres on disk, so that labels once used are there at once; whatever goes wrong, they can be made again."""

import contextlib
import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save


class CentreCache:
    """One file for each label, in a folder only this user can enter. `warn` is told once when it cannot be written."""

    def __init__(self, folder: Path, warn: Callable[[str], None]) -> None:
        self._folder = folder
        self._warn = warn
        self._warned = False

    def read(self, key: Sequence[str], shape: tuple[int, int]) -> NDArray[np.float32] | None:
        """The unit vectors of this shape that were written under the key; None when there are none of use."""
        try:
            centres = load(self._path(key).read_bytes()).get("centres")
        except (OSError, SafetensorError, KeyError):  # a KeyError for types that NumPy does not have
            return None
        usable = (
            centres is not None
            and centres.shape == shape
            and centres.dtype == np.float32
            and np.allclose(np.linalg.norm(centres, axis=-1), 1.0, atol=1e-3)
        )
        return centres if usable else None

    def write(self, key: Sequence[str], centres_kD: NDArray[np.float32]) -> None:
        """Keep unit vectors (k, D) under a key; another process may read and write the same."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self._folder)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(save({"centres": np.ascontiguousarray(centres_kD)}))
                Path(name).replace(self._path(key))
            except OSError:
                with contextlib.suppress(OSError):
                    Path(name).unlink()
                raise
        except OSError as error:
            if not self._warned:
                self._warned = True
                self._warn(f"label centres are not cached: {error} (free or name another folder in XDG_CACHE_HOME)")

    def _path(self, key: Sequence[str]) -> Path:
        return self._folder / f"{hashlib.sha256(json.dumps(list(key)).encode()).hexdigest()}.safetensors"
