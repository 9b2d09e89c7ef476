"""Where the installed package keeps its files, and how a network of a bundle becomes a backend."""

import os
from pathlib import Path

from ament_index_python.packages import get_package_share_directory

from omnibind_ros.inference.bundle import DESCRIPTION_FILE
from omnibind_ros.inference.onnx_runtime import OnnxRuntimeBackend
from omnibind_ros.pipeline.encoding import MakeBackend


def share_folder() -> Path:
    """Folder with `launch/`, `config/` and `models/`."""
    return Path(get_package_share_directory("omnibind_ros"))


def bundle_folder(name_or_path: str) -> Path:
    """Folder of a bundle: a shipped one by its name, any other by its path."""
    if os.sep not in name_or_path:
        shipped = share_folder() / "models" / name_or_path
        if (shipped / DESCRIPTION_FILE).is_file():
            return shipped
    return Path(name_or_path).expanduser()


def backend_maker(threads: int) -> MakeBackend:
    """Makes ONNX Runtime backends with so many threads each."""

    def make(model: bytes, name: str) -> OnnxRuntimeBackend:
        return OnnxRuntimeBackend(model, name=name, threads=threads)

    return make
