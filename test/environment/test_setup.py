"""environment/setup.sh refuses in one line that says what to do, before it has made anything."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOOLS = (
    *("awk", "bash", "cat", "cut", "dirname", "find", "flock", "grep", "mkdir"),
    *("rm", "sed", "sha256sum", "sort", "tail", "uname", "xargs"),
)


class Machine:
    """A folder of the sources and a PATH on which only the basic tools, a compiler and a Python are."""

    def __init__(self, folder: Path) -> None:
        self.checkout = folder / "checkout"
        self.programs = folder / "bin"
        self.programs.mkdir(parents=True)
        for part in ("environment", "requirements", "interfaces"):
            shutil.copytree(ROOT / part, self.checkout / part, ignore=shutil.ignore_patterns("__pycache__"))
        for tool in TOOLS:
            (self.programs / tool).symlink_to(shutil.which(tool) or tool)
        for compiler in ("cc", "c++"):
            self.program(compiler, "exit 0")
        self.program("python3", f'exec {sys.executable} "$@"')
        self.program("df", "echo header; echo disk 0 0 99000000 0% /")

    def program(self, name: str, script: str) -> None:
        path = self.programs / name
        path.unlink(missing_ok=True)
        path.write_text(f"#!{shutil.which('bash')}\n{script}\n", encoding="utf-8")
        path.chmod(0o755)

    def setup(self, *parts: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            ["bash", str(self.checkout / "environment" / "setup.sh"), *parts],
            env={"PATH": str(self.programs), "HOME": os.environ.get("HOME", "/"), **environment},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    def refusal(self, *parts: str, **environment: str) -> str:
        """The one line with which setup refuses; nothing was made."""
        done = self.setup(*parts, **environment)
        assert done.returncode == 1
        assert done.stdout == ""
        assert not (self.checkout / ".venv").exists()
        lines = done.stderr.splitlines()
        assert len(lines) == 1, done.stderr
        return lines[0]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.mark.parametrize("compiler", ["cc", "c++"])
def test_without_a_compiler_it_names_the_package_to_install(machine: Machine, compiler: str) -> None:
    (machine.programs / compiler).unlink()
    assert machine.refusal().endswith("sudo apt install build-essential")


def test_a_compiler_named_by_the_environment_is_enough(machine: Machine) -> None:
    (machine.programs / "cc").unlink()
    machine.program("clang", "exit 0")
    machine.program("df", "echo header; echo disk 0 0 1 0% /")
    assert "GB needed" in machine.refusal(CC="clang -O2")


def test_an_unsupported_python_is_named_with_those_that_work(machine: Machine) -> None:
    machine.program("python3.8", '[[ $1 == -V ]] && echo "Python 3.8.18" || exit 1')
    assert machine.refusal(PYTHON="python3.8") == (
        "setup: python3.8 is Python 3.8.18; name a Python 3.10 to 3.13, such as PYTHON=python3.12"
    )


def test_a_python_that_is_not_there_is_named(machine: Machine) -> None:
    assert "PYTHON=python3.99 is not there" in machine.refusal(PYTHON="python3.99")


def test_without_any_supported_python_it_says_how_to_name_one(machine: Machine) -> None:
    machine.program("python3", "exit 1")
    assert "PYTHON=/path/to/python3.12 make setup" in machine.refusal()


def test_without_the_venv_module_it_names_the_package_to_install(machine: Machine) -> None:
    machine.program("python3", f'[[ $2 == *ensurepip* ]] && exit 1; exec {sys.executable} "$@"')
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert machine.refusal().endswith(f"sudo apt install python{version}-venv")


def test_without_the_headers_it_names_the_package_to_install(machine: Machine) -> None:
    machine.program("python3", f'[[ $2 == *sysconfig* ]] && echo /nowhere && exit; exec {sys.executable} "$@"')
    refusal = machine.refusal()
    assert "/nowhere/Python.h" in refusal
    assert refusal.endswith("-dev")


@pytest.mark.parametrize(("part", "needed"), [("test", "2 GB"), ("training", "8 GB")])
def test_without_room_it_says_how_much_is_needed(machine: Machine, part: str, needed: str) -> None:
    machine.program("df", "echo header; echo disk 0 0 1500000 0% /")
    refusal = machine.refusal(part)
    assert "1464 MB free" in refusal
    assert f"{needed} needed" in refusal


def test_another_architecture_is_sent_to_a_ros_installation(machine: Machine) -> None:
    machine.program("uname", "echo Linux aarch64")
    assert "docs/install.md" in machine.refusal()


def test_an_unknown_part_is_refused(machine: Machine) -> None:
    assert "the parts are bench, dashboard, memory, teachers, test and training" in machine.refusal("tests")


def test_without_a_package_index_it_says_what_pip_could_not_do(machine: Machine) -> None:
    done = machine.setup(PIP_NO_INDEX="1", PIP_CONFIG_FILE="/dev/null")
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "pip could not install requirements/runtime.txt" in done.stderr
    assert "build/setup.log" in done.stderr
    assert "No matching distribution" in done.stderr


@pytest.mark.skipif(not (ROOT / ".venv" / ".built").exists(), reason="this checkout has no .venv of `make setup`")
def test_what_is_built_is_left_alone() -> None:
    done = subprocess.run(
        [str(ROOT / "environment" / "setup.sh")],
        env={**os.environ, "PIP_NO_INDEX": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
