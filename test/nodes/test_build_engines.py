"""The program that builds engines, on the bundle that is shipped; it needs neither rclpy nor, here, a GPU."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from simulated_gpu import GPU

from omnibind_ros.errors import BackendError
from omnibind_ros.inference.bundle import load_bundle
from omnibind_ros.inference.engines.accelerator import Accelerator
from omnibind_ros.inference.engines.engine_cache import EngineCache
from omnibind_ros.inference.engines.library import Library
from omnibind_ros.inference.engines.network import networks
from omnibind_ros.nodes import build_engines
from omnibind_ros.nodes.build_engines import background_command, main
from omnibind_ros.pipeline.resources import bundle_folder


@pytest.fixture
def target(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Accelerator:
    """TensorRT for RTX, which compiles without a GPU, told that there is one."""
    try:
        library = Library("tensorrt_rtx")
    except BackendError as missing:
        pytest.skip(str(missing))
    found = Accelerator(library, GPU, EngineCache(tmp_path / "engines"))
    monkeypatch.setattr(found, "check", lambda network, plan: None)
    monkeypatch.setattr(build_engines, "accelerator", lambda backend, cache: found)
    return found


def run(*arguments: str) -> object:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    return ended.value.code


def test_engines_are_built_and_the_second_time_found(
    target: Accelerator, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert run("--parts", "point,fusion") == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0] == "omnibind-sim/point: building 0 %"
    assert [line for line in told if line.endswith("ready")] == [
        "omnibind-sim/point: ready",
        "omnibind-sim/fusion: ready",
    ]
    assert len(list((tmp_path / "engines").glob("*.plan"))) == 2
    assert run("--parts", "point,fusion") == 0
    assert capsys.readouterr().out.splitlines() == ["omnibind-sim/point: ready", "omnibind-sim/fusion: ready"]


def test_an_engine_that_cannot_be_kept_is_told_and_the_exit_status_says_so(
    target: Accelerator, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "engines").write_bytes(b"a file where a folder is wanted")
    assert run("--parts", "point") == 1
    assert "omnibind-sim/point: failed: " in capsys.readouterr().out


def test_parts_that_the_bundle_has_not_are_named(target: Accelerator) -> None:
    assert str(run("--parts", "image,smell")).startswith("build_engines: omnibind-sim: the bundle has no part smell")


def test_the_parameters_of_a_node_say_what_is_not_given(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    parameters = tmp_path / "perception.yaml"
    parameters.write_text("/**:\n  ros__parameters:\n    backend: onnxruntime\n")
    assert run("--config", str(parameters)) == 0
    assert "needs no engines" in capsys.readouterr().out


def test_a_precision_that_the_parameters_name_is_that_of_the_engines(
    target: Accelerator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked: list[str] = []

    def remember(bundle: object, precision: str) -> dict[str, object]:
        asked.append(precision)
        return {}

    monkeypatch.setattr(build_engines, "networks", remember)
    parameters = tmp_path / "perception.yaml"
    parameters.write_text("/**:\n  ros__parameters:\n    precision: int8\n")
    assert run("--config", str(parameters)) == 0
    assert run("--config", str(parameters), "--precision", "fp32") == 0
    assert run() == 0
    assert asked == ["int8", "fp32", "auto"]


def test_the_background_command_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    bundle = load_bundle(bundle_folder("omnibind-sim"))
    command = background_command(bundle, networks(bundle)["point.onnx"], "auto", "fp32")
    # In the place of the build something that never ends, so that only the closed input can end it.
    program = (
        "import runpy, sys, time, omnibind_ros.inference.engines.accelerator as a; "
        "a.accelerator = lambda *_: time.sleep(600); "
        f"sys.argv = {json.dumps(command[2:])}; runpy.run_module({command[2]!r}, run_name='__main__')"
    )
    process = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE)
    process.stdin.close()
    assert process.wait(timeout=60) == 1


def test_without_a_gpu_the_reason_is_the_exit_message(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(backend: str, cache: Path) -> Accelerator:
        raise BackendError("no GPU can be used", remedy="install the NVIDIA driver")

    monkeypatch.setattr(build_engines, "accelerator", none)
    assert run() == "build_engines: no GPU can be used (install the NVIDIA driver)"
