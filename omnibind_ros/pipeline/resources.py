"""Where the installed package keeps its files, and how a network of a bundle becomes a backend."""

import os
import sys
from pathlib import Path

from omnibind_ros.inference.bundle import DESCRIPTION_FILE
from omnibind_ros.inference.onnx_runtime import OnnxRuntimeBackend
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
    try:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    except RuntimeError:
        base = Path(os.devnull)
    return base / "omnibind_ros"


def backend_maker(threads: int) -> MakeBackend:
    """Makes ONNX Runtime backends with so many threads each."""

    def make(model: bytes, name: str) -> OnnxRuntimeBackend:
        return OnnxRuntimeBackend(model, name=name, threads=threads)

    return make
