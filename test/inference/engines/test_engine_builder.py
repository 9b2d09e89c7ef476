"""Builds that are killed, doubled, damaged, or run out of disk: real ones where TensorRT for RTX is installed."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from simulated_gpu import GPU, SimulatedCuda, SimulatedTensorRt, simulated_library, tiny_network

from omnibind_ros.errors import BackendError
from omnibind_ros.inference.engines.build_progress import BuildProgress, BuildState
from omnibind_ros.inference.engines.engine_builder import build_engine
from omnibind_ros.inference.engines.engine_cache import EngineCache
from omnibind_ros.inference.engines.engine_key import engine_key
from omnibind_ros.inference.engines.library import Library
from omnibind_ros.inference.engines.network import Network
from omnibind_ros.inference.engines.tensorrt_builder import Plan

BUILD_IN_A_PROCESS = """
import os, resource, signal, sys
from pathlib import Path
from simulated_gpu import GPU, tiny_network
from omnibind_ros.inference.engines.engine_builder import build_engine
from omnibind_ros.inference.engines.engine_cache import EngineCache
from omnibind_ros.inference.engines.library import Library

how, folder = sys.argv[1], Path(sys.argv[2])
library = Library("tensorrt_rtx")
if how == "full disk":
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))

def report(progress):
    print(progress.to_line(), flush=True)
    if how == "killed" and progress.share > 0.3:
        os.kill(os.getpid(), signal.SIGKILL)
    if how == "waits" and progress.share > 0.3:
        sys.stdin.readline()

sys.exit(0 if build_engine(tiny_network(), library, GPU, EngineCache(folder), report, check=lambda *_: None) else 1)
"""


def start(how: str, folder: Path) -> subprocess.Popen[str]:
    helpers = str(Path(__file__).resolve().parents[2])
    return subprocess.Popen(
        [sys.executable, "-c", BUILD_IN_A_PROCESS, how, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": helpers},
    )


def states(output: str) -> list[BuildState]:
    return [BuildProgress.from_line(line).state for line in output.splitlines()]


class Compiler:
    """Makes plans of nothing, and remembers what it was asked for."""

    def __init__(self, meanwhile: Callable[[], None] = lambda: None) -> None:
        self.timings: list[bytes] = []
        self.meanwhile = meanwhile

    def __call__(
        self, library: Library, network: Network, timing_cache: bytes, report: Callable[[float], None]
    ) -> Plan:
        self.timings.append(timing_cache)
        report(0.5)
        self.meanwhile()
        return Plan(f"engine {len(self.timings)} of {library.version}".encode(), b"timings")


def unchecked(network: Network, plan: bytes) -> None:
    """Takes every engine: here is no GPU that could run it."""


class Bench:
    def __init__(self, library: Library, folder: Path) -> None:
        self.library = library
        self.folder = folder
        self.cache = EngineCache(folder)
        self.told: list[BuildProgress] = []

    def build(self, compiler: Compiler, check: Callable[[Network, bytes], None] = unchecked) -> bool:
        return build_engine(
            tiny_network(),
            self.library,
            GPU,
            self.cache,
            self.told.append,
            check=check,
            compile_network=compiler,
            clock=lambda: 0.0,
        )

    @property
    def plan(self) -> bytes | None:
        return self.cache.plan(engine_key(tiny_network(), self.library, GPU))


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Bench:
    return Bench(simulated_library(monkeypatch, SimulatedCuda()), tmp_path / "engines")


def test_an_engine_is_built_once(bench: Bench) -> None:
    compiler = Compiler()
    assert bench.build(compiler)
    assert bench.build(compiler)
    assert len(compiler.timings) == 1
    assert [(told.state, told.share) for told in bench.told] == [
        (BuildState.BUILDING, 0.0),
        (BuildState.BUILDING, 0.5),
        (BuildState.READY, 1.0),
        (BuildState.READY, 1.0),
    ]


@pytest.mark.parametrize("change", ["one byte", "note gone", "plan gone", "cut"])
def test_a_damaged_engine_is_built_again_with_the_timings_of_the_first(change: str, bench: Bench) -> None:
    compiler = Compiler()
    bench.build(compiler)
    (plan,) = bench.folder.glob("*.plan")
    content = bytearray(plan.read_bytes())
    content[3] ^= 1
    {
        "one byte": lambda: plan.write_bytes(content),
        "note gone": lambda: Path(f"{plan}.json").unlink(),
        "plan gone": plan.unlink,
        "cut": lambda: plan.write_bytes(content[:4]),
    }[change]()
    assert bench.plan is None
    assert bench.build(compiler)
    assert compiler.timings == [b"", b"timings"]
    assert bench.plan == b"engine 2 of 10.3.0"


def test_another_version_of_tensorrt_builds_its_own(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    compiler = Compiler()
    bench.build(compiler)
    monkeypatch.setattr(SimulatedTensorRt, "__version__", "10.13.3")
    bench.library = simulated_library(monkeypatch, SimulatedCuda())
    assert bench.plan is None
    assert bench.build(compiler)
    assert compiler.timings == [b"", b""]
    assert bench.plan == b"engine 2 of 10.13.3"


def test_a_network_that_cannot_be_compiled_is_reported_not_raised(bench: Bench) -> None:
    def refuse() -> None:
        raise BackendError("no kernel for IsNaN", remedy="choose the backend onnxruntime", source="image.onnx")

    assert not bench.build(Compiler(refuse))
    assert bench.told[-1].state is BuildState.FAILED
    assert "no kernel for IsNaN" in bench.told[-1].problem
    assert bench.plan is None


def test_an_engine_that_is_not_like_its_network_is_not_kept(bench: Bench) -> None:
    def refuse(network: Network, plan: bytes) -> None:
        raise BackendError(f"{plan.decode()} is not that of the network", remedy="choose fp32", source=network.file)

    assert not bench.build(Compiler(), refuse)
    assert "engine 1 of 10.3.0 is not that of the network" in bench.told[-1].problem
    assert bench.plan is None


def test_a_folder_that_cannot_be_used_is_reported_not_raised(bench: Bench) -> None:
    bench.folder.write_bytes(b"a file where a folder is wanted")
    assert not bench.build(Compiler())
    assert bench.told[-1].state is BuildState.FAILED


def test_of_two_builders_at_once_one_builds(bench: Bench) -> None:
    waits = threading.Event()
    waited_for = Compiler(lambda: waits.wait(timeout=10) or pytest.fail("the other one does not wait"))
    idle = Compiler()
    first = threading.Thread(target=lambda: bench.build(waited_for))

    def note(told: BuildProgress) -> None:
        if told.state is BuildState.WAITING:
            waits.set()

    first.start()
    while not waited_for.timings:  # the first has the lock
        assert first.is_alive()
    assert build_engine(
        tiny_network(), bench.library, GPU, EngineCache(bench.folder), note, check=unchecked, compile_network=idle
    )
    first.join()
    assert idle.timings == []
    assert bench.plan == b"engine 1 of 10.3.0"


def test_killed_in_the_middle_it_leaves_nothing_that_is_used_and_the_next_builds(
    compiler: Library, tmp_path: Path
) -> None:
    folder = tmp_path / "engines"
    killed = start("killed", folder)
    killed.communicate()
    assert killed.returncode == -signal.SIGKILL
    assert list(folder.glob("*.plan")) == []
    again = start("whole", folder)
    output, _ = again.communicate()
    assert again.returncode == 0
    assert states(output)[-1] is BuildState.READY
    assert EngineCache(folder).plan(engine_key(tiny_network(), compiler, GPU))


def test_of_two_processes_at_once_one_builds(compiler: Library, tmp_path: Path) -> None:
    first = start("waits", tmp_path / "engines")
    assert any(BuildProgress.from_line(line).share > 0.3 for line in iter(first.stdout.readline, ""))
    second = start("whole", tmp_path / "engines")
    assert BuildProgress.from_line(second.stdout.readline()).state is BuildState.WAITING
    first.communicate("\n" * 100)
    output, _ = second.communicate()
    assert first.returncode == second.returncode == 0
    assert states(output) == [BuildState.READY]


def test_without_room_for_the_engine_it_fails_with_the_reason(compiler: Library, tmp_path: Path) -> None:
    failed = start("full disk", tmp_path / "engines")
    output, _ = failed.communicate()
    assert failed.returncode == 1
    last = BuildProgress.from_line(output.splitlines()[-1])
    assert last.state is BuildState.FAILED
    assert "File too large" in last.problem
    assert [path.name for path in (tmp_path / "engines").iterdir()] == [".builder.lock"]
