"""Builds the message packages of interfaces/ with the rosidl generators of this Python's environment, into it.

Run by environment/setup.sh with the environment's own Python.
"""

import os
import re
import subprocess
import sys
import sysconfig
from pathlib import Path

import numpy

ROOT = Path(__file__).resolve().parent.parent

# The wheels' CMake targets name the Python and the NumPy of the machine that built the wheels.
FOREIGN_PYTHON_INCLUDE = re.compile(r"/opt/python/cp\d+-cp\d+/include/python3\.\d+")
FOREIGN_NUMPY_INCLUDE = re.compile(r"/opt/python/cp\d+-cp\d+/lib/python3\.\d+/site-packages/numpy/_?core/include")


def name_this_python(cmake_text: str, python_include: Path, numpy_include: Path) -> str:
    """The text of a wheel's CMake file with this Python's include folders in place of the build machine's."""
    text = FOREIGN_NUMPY_INCLUDE.sub(lambda _: str(numpy_include), cmake_text)
    return FOREIGN_PYTHON_INCLUDE.sub(lambda _: str(python_include), text)


def correct_wheels(prefix: Path) -> None:
    """Correct the CMake files that the wheels put under `prefix`; those already corrected stay as they are."""
    python_include, numpy_include = Path(sysconfig.get_path("include")), Path(numpy.get_include())
    for path in prefix.glob("share/*/cmake/export_*__rosidl_generator_pyExport.cmake"):
        text = path.read_text(encoding="utf-8")
        corrected = name_this_python(text, python_include, numpy_include)
        if corrected != text:
            path.write_text(corrected, encoding="utf-8")


def build(package: Path, build_folder: Path, prefix: Path) -> None:
    """Configure, compile and install one message package with CMake."""
    environment = {**os.environ, "AMENT_PREFIX_PATH": str(prefix), "PATH": f"{prefix / 'bin'}:{os.environ['PATH']}"}
    site_packages = Path(sysconfig.get_path("purelib")).relative_to(prefix)
    configure = [
        "cmake", "-S", str(package), "-B", str(build_folder), "--fresh", "-DCMAKE_BUILD_TYPE=Release",
        f"-DCMAKE_PREFIX_PATH={prefix}", f"-DCMAKE_INSTALL_PREFIX={prefix}", "-DBUILD_TESTING=OFF",
        f"-DPython3_EXECUTABLE={sys.executable}", "-DPython3_FIND_VIRTUALENV=ONLY",
        f"-DPYTHON_INSTALL_DIR={site_packages}",
    ]  # fmt: skip
    compile_ = ["cmake", "--build", str(build_folder), "--parallel", str(os.cpu_count() or 1)]
    install = ["cmake", "--install", str(build_folder)]
    for command in (configure, compile_, install):
        subprocess.run(command, check=True, env=environment)


def main() -> None:
    """Build every package of interfaces/."""
    prefix = Path(sys.prefix)
    correct_wheels(prefix)
    for manifest in sorted((ROOT / "interfaces").glob("*/package.xml")):
        package = manifest.parent
        build(package, ROOT / "build" / "interfaces" / package.name, prefix)


if __name__ == "__main__":
    main()
