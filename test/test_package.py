"""The package as colcon, rosdep and pip see it."""

import ast
import os
import re
import runpy
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest
import setuptools
from ament_index_python.packages import get_packages_with_prefixes
from catkin_pkg.package import Package, parse_package

ROOT = Path(__file__).resolve().parent.parent

# Imported where NVIDIA's installation brings them, done without elsewhere
OPTIONAL = {"tensorrt", "cuda", "pyarrow"}
ROS_OF_APT_ONLY = {"cv_bridge", "event_camera_py", "launch", "launch_ros"}


@pytest.fixture(scope="module")
def manifest() -> Package:
    return parse_package(str(ROOT / "package.xml"))


def run_setup(path: Path) -> dict[str, Any]:
    """What setup.py hands to setuptools when it is run by this path."""
    captured: dict[str, Any] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(path.parent)
        patch.setattr(setuptools, "setup", captured.update)
        runpy.run_path(str(path))
    return captured


@pytest.fixture(scope="module")
def setup_arguments() -> dict[str, Any]:
    return run_setup(ROOT / "setup.py")


def sources(*folders: str) -> list[Path]:
    return [path for folder in folders for path in (ROOT / folder).rglob("*.py")]


def imported_packages(*folders: str) -> set[str]:
    """The packages that the sources in the folders import, but for the standard library and our own."""
    names: set[str] = set()
    for path in sources(*folders):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names.update(alias.name.split(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                names.add(node.module.split(".")[0])
    return names - sys.stdlib_module_names - {"omnibind_ros", "training", "documentation", "benchmarks"}


def ros_packages() -> set[str]:
    """The imported packages that come from a ROS distribution or, without one, from its wheels and interfaces/."""
    return imported_packages("omnibind_ros", "launch") & {*get_packages_with_prefixes(), *ROS_OF_APT_ONLY}


def requirement_names(requirements: list[str]) -> Iterator[str]:
    for requirement in requirements:
        yield requirement.split(">")[0].split("=")[0].split("<")[0].strip().lower()


def test_the_manifest_is_a_valid_one_of_format_3(manifest: Package) -> None:
    manifest.validate()
    assert manifest.package_format == 3
    assert manifest.get_build_type() == "ament_python"
    assert manifest.licenses == ["Apache-2.0"]


def test_setup_agrees_with_the_manifest(manifest: Package, setup_arguments: dict[str, Any]) -> None:
    maintainer = manifest.maintainers[0]
    assert setup_arguments["name"] == manifest.name
    assert setup_arguments["version"] == manifest.version
    assert setup_arguments["description"] == manifest.description
    assert setup_arguments["license"] == manifest.licenses[0]
    assert (setup_arguments["maintainer"], setup_arguments["maintainer_email"]) == (maintainer.name, maintainer.email)


def test_every_imported_ros_package_is_declared(manifest: Package) -> None:
    assert ros_packages() <= {dependency.name for dependency in manifest.exec_depends}


def test_every_declared_ros_package_is_used(manifest: Package) -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in sources("omnibind_ros", "launch"))
    declared = {dependency.name for dependency in manifest.exec_depends if not dependency.name.startswith("python3-")}
    assert {name for name in declared if not re.search(rf"\b{name}\b", text)} == set()


def distribution_names(packages: set[str]) -> set[str]:
    distributions = packages_distributions()
    return {distributions.get(package, [package])[0].lower() for package in packages}


def test_the_requirements_are_what_is_imported_and_no_more(setup_arguments: dict[str, Any]) -> None:
    imported = imported_packages("omnibind_ros") - ros_packages() - OPTIONAL
    extras = setup_arguments["extras_require"]
    required = setup_arguments["install_requires"] + extras["dashboard"] + extras["memory"]
    assert set(requirement_names(required)) == distribution_names(imported)


def test_what_training_imports_is_required(setup_arguments: dict[str, Any]) -> None:
    extras = setup_arguments["extras_require"]
    required = setup_arguments["install_requires"] + extras["training"] + extras["teachers"]
    required += ["open_clip", "ray"]  # as they are called where open_clip_torch and ray[data] are not installed
    assert {name.replace("_", "-") for name in distribution_names(imported_packages("training"))} <= {
        name.replace("_", "-") for name in requirement_names(required)
    }


def test_every_program_has_its_main(setup_arguments: dict[str, Any]) -> None:
    without = []
    for program in setup_arguments["entry_points"]["console_scripts"]:
        module, function = program.split(" = ")[1].split(":")
        path = (ROOT / module.replace(".", "/")).with_suffix(".py")
        tree = ast.parse(path.read_text(encoding="utf-8")) if path.exists() else ast.Module([], [])
        if function not in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}:
            without.append(program)
    assert not without


def test_every_shared_file_is_installed_in_its_folder(setup_arguments: dict[str, Any]) -> None:
    installed = {
        Path(folder).relative_to("share/omnibind_ros") / Path(file).name: Path(file)
        for folder, files in setup_arguments["data_files"]
        for file in files
        if folder.startswith("share/omnibind_ros")
    }
    there = {
        path.relative_to(ROOT)
        for folder in ("launch", "config", "models")
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert set(installed) == there | {Path("package.xml")}
    assert all(where == source for where, source in installed.items())


def test_every_package_is_installed(setup_arguments: dict[str, Any]) -> None:
    there = {".".join(path.parent.relative_to(ROOT).parts) for path in (ROOT / "omnibind_ros").rglob("*.py")}
    assert set(setup_arguments["packages"]) == there


def test_setup_can_be_run_by_a_link_as_symlink_installs_do(tmp_path: Path, setup_arguments: dict[str, Any]) -> None:
    link = tmp_path / "setup.py"
    link.symlink_to(ROOT / "setup.py")
    assert run_setup(link)["install_requires"] == setup_arguments["install_requires"]


@pytest.mark.slow
def test_colcon_builds_it_and_installs_all_of_it() -> None:
    done = subprocess.run(
        ["make", "colcon"], cwd=ROOT, env=os.environ, capture_output=True, text=True, check=False, timeout=600
    )
    assert done.returncode == 0, done.stdout + done.stderr
