import sys
import threading
from pathlib import Path

import pytest
from simulated_gpu import GPU, SimulatedCuda, simulated_library, tiny_network

from omnibind_ros.inference.engines import accelerator as accelerator_module
from omnibind_ros.inference.engines.accelerator import Accelerator
from omnibind_ros.inference.engines.build_progress import BuildProgress, BuildState
from omnibind_ros.inference.engines.engine_cache import EngineCache
from omnibind_ros.inference.engines.engine_key import engine_key
from omnibind_ros.inference.engines.engine_maker import EngineMaker

READY = BuildProgress("tiny/image", BuildState.READY, 1.0)
FAILED = BuildProgress("tiny/image", BuildState.FAILED, problem="no kernel for IsNaN")
FILE = "image.onnx"


class Bench:
    """A maker whose builder processes do what the test says."""

    def __init__(self, accelerator: Accelerator, cuda: SimulatedCuda) -> None:
        self.cuda = cuda
        self.accelerator = accelerator
        self.told: list[BuildProgress] = []
        self.program = f"print({READY.to_line()!r})"
        self.started = 0
        self.running = threading.Event()
        self.maker = EngineMaker(accelerator, {FILE: tiny_network()}, self._command, self._report)

    def keep_engine(self) -> None:
        self.accelerator.cache.keep_plan(
            engine_key(tiny_network(), self.accelerator.library, GPU), tiny_network().model
        )

    def _command(self, _: object) -> list[str]:
        self.started += 1
        return [sys.executable, "-c", self.program]

    def _report(self, progress: BuildProgress) -> None:
        self.told.append(progress)
        self.running.set()
        if progress.state is BuildState.READY:
            self.keep_engine()


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Bench:
    cuda = SimulatedCuda()
    monkeypatch.setattr(accelerator_module, "cuda_library", lambda: cuda)
    return Bench(Accelerator(simulated_library(monkeypatch, cuda), GPU, EngineCache(tmp_path / "engines")), cuda)


def test_an_engine_is_built_and_then_given_out(bench: Bench) -> None:
    assert bench.maker.ready(FILE) is None
    assert bench.maker.build(FILE).device == GPU.name
    assert bench.told == [READY, READY], "it was built, and then loaded"


def test_what_is_there_is_not_built_again(bench: Bench) -> None:
    bench.keep_engine()
    for give_out in (bench.maker.ready, bench.maker.build):
        assert give_out(FILE) is not None
    assert bench.started == 0
    assert bench.told == [READY, READY]


def test_what_was_given_out_and_is_damaged_later_is_built_again(bench: Bench, tmp_path: Path) -> None:
    bench.keep_engine()
    assert bench.maker.ready(FILE) is not None
    for plan in (tmp_path / "engines").glob("*.plan"):
        plan.write_bytes(b"damaged")
    assert bench.maker.ready(FILE) is None
    assert bench.maker.build(FILE) is not None


def test_what_cannot_be_built_is_tried_once(bench: Bench) -> None:
    bench.program = f"print({FAILED.to_line()!r})"
    assert bench.maker.build(FILE) is None
    assert bench.maker.build(FILE) is None
    assert bench.started == 1
    assert bench.told == [FAILED]


def test_a_builder_that_cannot_be_started_is_a_failed_build(bench: Bench) -> None:
    bench.maker = EngineMaker(
        bench.accelerator, {FILE: tiny_network()}, lambda _: ["/nowhere/python"], bench.told.append
    )
    assert bench.maker.build(FILE) is None
    assert [told.state for told in bench.told] == [BuildState.FAILED]
    assert "the builder cannot be started" in bench.told[0].problem


def test_without_room_on_the_gpu_it_is_told_and_others_go_on(bench: Bench) -> None:
    bench.keep_engine()
    bench.cuda.memory_bytes = 100
    assert bench.maker.ready(FILE) is None
    assert bench.maker.build(FILE) is None
    assert bench.started == 0
    assert [(told.network, told.state) for told in bench.told] == [("tiny/image", BuildState.FAILED)]
    assert "cudaErrorMemoryAllocation" in bench.told[0].problem
    bench.cuda.memory_bytes = 1 << 30
    assert bench.maker.ready(FILE) is not None, "whoever loads it later finds room"
    assert bench.told[1:] == [READY]


def test_closing_ends_a_build_that_is_going_on(bench: Bench) -> None:
    half = BuildProgress("tiny/image", BuildState.BUILDING, 0.5)
    bench.program = f"import time; print({half.to_line()!r}, flush=True); time.sleep(600)"
    made: list[object] = []
    thread = threading.Thread(target=lambda: made.append(bench.maker.build(FILE)))
    thread.start()
    assert bench.running.wait(timeout=30)
    bench.maker.close()
    thread.join(timeout=30)
    assert made == [None]
    assert bench.told == [half]
    assert EngineMaker.build(bench.maker, FILE) is None
    assert bench.started == 1
