"""Where the installed package keeps its files, and how a network of a bundle becomes a backend."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

from omnibind_ros.inference.bundle import DESCRIPTION_FILE, Bundle
from omnibind_ros.inference.onnx_runtime import OnnxRuntimeBackend
from omnibind_ros.inference.precision import CPU_PRECISIONS, FULL, cpu_file
from omnibind_ros.pipeline.encoders import MakeBackend

_CHECKOUT = Path(__file__).resolve().parents[2]


def share_folder() -> Path:
    """Folder with `launch/`, `config/` and `models/`, on a robot and on a computer without ROS."""
    try:
        from ament_index_python.packages import get_package_share_directory  # noqa: PLC0415 (only ROS brings it)

        return Path(get_package_share_directory("omnibind_ros"))
    except (ModuleNotFoundError, LookupError, OSError):  # no such package, no such environment
        return _CHECKOUT if (_CHECKOUT / "models").is_dir() else Path(sys.prefix) / "share" / "omnibind_ros"


def bundle_folder(name_or_path: str) -> Path:
    """Folder of a bundle: a shipped one by its name, any other by its path."""
    if os.sep not in name_or_path:
        shipped = share_folder() / "models" / name_or_path
        if (shipped / DESCRIPTION_FILE).is_file():
            return shipped
    return Path(name_or_path).expanduser()


def cache_folder() -> Path:
    """Folder for what can be computed again, this user's own; it need not exist.

    For a user without a home it is one that cannot be made.
    """
    return _user_folder("XDG_CACHE_HOME", ".cache")


def state_folder() -> Path:
    """The same for what is to be there at the next start."""
    return _user_folder("XDG_STATE_HOME", ".local/state")


def precise_backend_maker(bundle: Bundle, precision: str, threads: int) -> MakeBackend:
    """Makes ONNX Runtime backends for a bundle's networks, its encoders in a precision that pays on a CPU.

    precision: one of `GPU_PRECISIONS`.
    """
    wanted = precision if precision in CPU_PRECISIONS else FULL
    files = {encoder.file: cpu_file(encoder, wanted) for encoder in bundle.description.encoders.values()}
    plain = backend_maker(threads)

    def make(model: bytes, name: str) -> OnnxRuntimeBackend:
        if name not in files or files[name][1] == FULL:
            return plain(model, name)
        reference, actual = files[name]
        return OnnxRuntimeBackend(bundle.content(reference), name=reference.file, threads=threads, precision=actual)

    return make


def backend_maker(threads: int) -> Callable[[bytes, str], OnnxRuntimeBackend]:
    """Makes ONNX Runtime backends with so many threads each."""

    def make(model: bytes, name: str) -> OnnxRuntimeBackend:
        return OnnxRuntimeBackend(model, name=name, threads=threads)

    return make


def _user_folder(variable: str, below_home: str) -> Path:
    try:
        base = Path(os.environ.get(variable) or Path.home() / below_home)
    except RuntimeError:
        base = Path(os.devnull)
    return base / "omnibind_ros"
