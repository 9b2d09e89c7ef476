"""The rules that keep the source tree readable: who may import what, and where the tests are."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "omnibind_ros"

# Downwards: a folder imports itself and those before it. The modules beside the folders are below them all.
FLOW = (
    "messages",
    "preprocessing",
    "inference",
    "fusion",
    "recognition",
    "pipeline",
    "retrieval",
    "results",
    "demo",
    "replay",
    "diagnosis",
    "dashboard",
    "nodes",
)
USERS_OF_THE_SIMULATION = {"demo", "nodes"}
SIMULATION_MAY_IMPORT = {"omnibind_ros", "numpy", "scipy", "cv2"} | sys.stdlib_module_names


def sources(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    """The absolute names of the modules that a file imports anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} has a relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def folder_of(module: str) -> str | None:
    """The folder of the package that a module is in; None for those beside the folders and of other packages."""
    parts = module.split(".")
    return parts[1] if parts[0] == "omnibind_ros" and len(parts) > 1 and (PACKAGE / parts[1]).is_dir() else None


def test_every_folder_has_its_place_in_the_flow() -> None:
    folders = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert folders == {*FLOW, "simulation"}


@pytest.mark.parametrize("folder", [None, *FLOW])
def test_imports_point_one_way_down_the_flow(folder: str | None) -> None:
    allowed = {None, *FLOW[: FLOW.index(folder) + 1]} if folder else {None}
    if folder in USERS_OF_THE_SIMULATION:
        allowed.add("simulation")
    upwards = [
        f"{path.relative_to(ROOT)} imports {imported}"
        for path in (sources(PACKAGE / folder) if folder else PACKAGE.glob("*.py"))
        for imported in imports(path)
        if folder_of(imported) not in allowed
    ]
    assert not upwards


def test_the_simulation_needs_only_arrays() -> None:
    foreign = [
        f"{path.relative_to(ROOT)} imports {imported}"
        for path in sources(PACKAGE / "simulation")
        for imported in imports(path)
        if imported.split(".")[0] not in SIMULATION_MAY_IMPORT or folder_of(imported) not in {None, "simulation"}
    ]
    assert not foreign


def test_only_nodes_imports_rclpy() -> None:
    users = {path.relative_to(PACKAGE).parts[0] for path in sources(PACKAGE) if any_is("rclpy", imports(path))}
    assert users <= {"nodes"}


@pytest.mark.parametrize("framework", ["torch", "transformers", "training"])
def test_nothing_a_robot_installs_imports_what_only_training_has(framework: str) -> None:
    assert [path for path in sources(PACKAGE) if any_is(framework, imports(path))] == []


def any_is(package: str, imported: Iterator[str]) -> bool:
    return package in {name.split(".")[0] for name in imported}


def test_everything_below_the_nodes_works_without_rclpy_and_torch() -> None:
    modules = [module_name(path) for path in sources(PACKAGE) if path.relative_to(PACKAGE).parts[0] != "nodes"]
    program = f"""
import importlib, sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name in ("rclpy", "torch"):
            raise ModuleNotFoundError(f"No module named '{{name}}'", name=name)

sys.meta_path.insert(0, Absent())
for module in {modules!r}:
    importlib.import_module(module)
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("package", ["omnibind_ros", "training"])
def test_every_module_has_a_test_file_of_its_name(package: str) -> None:
    without = []
    for path in sources(ROOT / package):
        inside = path.relative_to(PACKAGE if package == "omnibind_ros" else ROOT)
        if not path.name.startswith("__") and not (ROOT / "test" / inside.parent / f"test_{path.name}").exists():
            without.append(str(path.relative_to(ROOT)))
    assert not without, "\n".join(["no test file:", *without])
