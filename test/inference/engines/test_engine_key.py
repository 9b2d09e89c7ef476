from dataclasses import replace

import pytest
from simulated_gpu import GPU, SHAPES, SimulatedCuda, SimulatedTensorRt, simulated_library, tiny_network

from omnibind_ros.inference.engines import engine_key as module
from omnibind_ros.inference.engines.engine_key import EngineKey, engine_key
from omnibind_ros.inference.engines.library import Library
from omnibind_ros.inference.engines.network import Network


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> Library:
    return simulated_library(monkeypatch, SimulatedCuda())


@pytest.fixture
def key(library: Library) -> EngineKey:
    return engine_key(tiny_network(), library, GPU)


def test_the_same_is_the_same_key(library: Library, key: EngineKey) -> None:
    assert engine_key(tiny_network(), library, GPU) == key
    assert key.file == f"tiny-image-{key.digest}.plan"


@pytest.mark.parametrize(
    "network",
    [
        tiny_network("thermal"),
        tiny_network(sha256="1" * 64),
        tiny_network(precision="fp16"),
        replace(tiny_network(), shapes={"input": replace(SHAPES["input"], largest=(8, 3, 8))}),
    ],
    ids=["network", "content", "precision", "shapes"],
)
def test_another_network_is_another_engine(network: Network, library: Library, key: EngineKey) -> None:
    assert engine_key(network, library, GPU).file != key.file


@pytest.mark.parametrize(
    "gpu",
    [replace(GPU, name="Orin"), replace(GPU, compute_capability="8.9"), replace(GPU, cuda_runtime=13000)],
    ids=["name", "compute capability", "CUDA"],
)
def test_another_gpu_is_another_engine_and_other_timings(gpu, library: Library, key: EngineKey) -> None:
    other = engine_key(tiny_network(), library, gpu)
    assert other.file != key.file
    assert other.timing_file != key.timing_file


def test_another_version_of_tensorrt_is_another_engine(key: EngineKey, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SimulatedTensorRt, "__version__", "10.3.1")
    newer = engine_key(tiny_network(), simulated_library(monkeypatch, SimulatedCuda()), GPU)
    assert (newer.file, newer.timing_file) != (key.file, key.timing_file)


def test_other_build_flags_are_another_engine(
    library: Library, key: EngineKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FLAGS", ("strongly typed",))
    assert engine_key(tiny_network(), library, GPU).file != key.file


def test_all_networks_share_the_timings_of_their_gpu(library: Library, key: EngineKey) -> None:
    assert engine_key(tiny_network("thermal"), library, GPU).timing_file == key.timing_file


def test_a_file_name_leads_nowhere_else(library: Library) -> None:
    assert "/" not in engine_key(tiny_network("../../etc/image"), library, GPU).file
