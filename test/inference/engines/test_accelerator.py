import sys
from pathlib import Path

import numpy as np
import pytest
from simulated_gpu import GPU, SHAPE, SimulatedCuda, simulated_library, tiny_network
from tiny_bundle import encoder_network

from omnibind_ros.errors import BackendError
from omnibind_ros.inference.engines import accelerator as module
from omnibind_ros.inference.engines.accelerator import Accelerator, accelerator, find_accelerator
from omnibind_ros.inference.engines.engine_key import engine_key


@pytest.fixture
def cuda(monkeypatch: pytest.MonkeyPatch) -> SimulatedCuda:
    cuda = SimulatedCuda()
    monkeypatch.setattr(module, "cuda_library", lambda: cuda)
    return cuda


@pytest.fixture
def found(cuda: SimulatedCuda, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Accelerator:
    simulated_library(monkeypatch, cuda)
    return accelerator("auto", tmp_path / "engines")


def keep(found: Accelerator, plan: bytes) -> None:
    found.cache.keep_plan(engine_key(tiny_network(), found.library, found.gpu), plan)


def test_a_network_runs_on_the_gpu_once_its_engine_is_built(found: Accelerator) -> None:
    assert found.backend(tiny_network()) is None
    keep(found, tiny_network().model)
    backend = found.backend(tiny_network())
    assert backend.device == GPU.name
    assert len(backend.run({"input": np.ones((2, *SHAPE), np.float32)})["embedding"]) == 2


def test_an_engine_that_tensorrt_does_not_take_is_forgotten(found: Accelerator, tmp_path: Path) -> None:
    keep(found, b"of a TensorRT with the same version number")
    assert found.backend(tiny_network()) is None
    assert list((tmp_path / "engines").glob("*.plan")) == []


def test_a_plan_is_checked_on_the_gpu_and_leaves_nothing_there(found: Accelerator, cuda: SimulatedCuda) -> None:
    found.check(tiny_network(), tiny_network().model)
    with pytest.raises(BackendError, match="embedding is not that of the network"):
        found.check(tiny_network(), encoder_network(SHAPE, seed=1))
    assert [len(kind) for kind in (cuda.streams, cuda.buffers, cuda.graphs)] == [0, 0, 0]


def test_auto_takes_what_is_there(
    found: Accelerator, cuda: SimulatedCuda, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert found.library.name == "tensorrt"
    monkeypatch.setitem(sys.modules, "tensorrt_rtx", sys.modules["tensorrt"])
    monkeypatch.setitem(sys.modules, "tensorrt", None)
    assert find_accelerator("auto", tmp_path).library.name == "tensorrt_rtx"
    monkeypatch.setitem(sys.modules, "tensorrt_rtx", None)
    assert find_accelerator("auto", tmp_path) is None


def test_onnxruntime_needs_no_accelerator(found: Accelerator, tmp_path: Path) -> None:
    assert find_accelerator("onnxruntime", tmp_path) is None


@pytest.mark.parametrize("backend", ["tensorrt", "tensorrt_rtx"])
def test_what_is_asked_for_by_name_must_be_there(
    backend: str, cuda: SimulatedCuda, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, backend, None)
    with pytest.raises(BackendError, match=f"{backend} cannot be imported"):
        find_accelerator(backend, tmp_path)


def test_without_a_driver_no_library_is_touched(
    cuda: SimulatedCuda, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    cuda.driver = False
    monkeypatch.setattr(module, "Library", lambda name: pytest.fail("its runtime ends the process without a driver"))
    assert find_accelerator("auto", tmp_path) is None
    with pytest.raises(BackendError, match="no GPU can be used"):
        find_accelerator("tensorrt", tmp_path)
