"""The backend on a simulated GPU; test_backend.py holds it to what every backend promises."""

import gc

import numpy as np
import pytest
from simulated_gpu import GPU, SHAPE, SimulatedCuda, simulated_library, tiny_network

from omnibind_ros.errors import BackendError
from omnibind_ros.inference.engines import tensorrt_backend
from omnibind_ros.inference.engines.cuda_stream import CudaStream
from omnibind_ros.inference.engines.library import Library
from omnibind_ros.inference.engines.tensorrt_backend import TensorRtBackend
from omnibind_ros.inference.engines.tensorrt_engine import TensorRtEngine
from omnibind_ros.inference.onnx_runtime import OnnxRuntimeBackend


@pytest.fixture
def cuda() -> SimulatedCuda:
    return SimulatedCuda()


@pytest.fixture
def library(cuda: SimulatedCuda, monkeypatch: pytest.MonkeyPatch) -> Library:
    return simulated_library(monkeypatch, cuda)


def make(cuda: SimulatedCuda, library: Library) -> TensorRtBackend:
    engine = TensorRtEngine(library, GPU, tiny_network().model)
    return TensorRtBackend(engine, CudaStream(cuda), name="image.onnx", device=GPU.name, precision="fp16")


def images(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(count, *SHAPE)).astype(np.float32)


def expected(batch: np.ndarray) -> np.ndarray:
    return OnnxRuntimeBackend(tiny_network().model, name="image.onnx").run({"input": batch})["embedding"]


def test_the_first_run_is_plain_and_the_next_of_the_same_shape_a_graph(cuda: SimulatedCuda, library: Library) -> None:
    backend = make(cuda, library)
    launches = []
    for seed, count in enumerate([1, 1, 3, 1, 3, 4]):
        batch = images(count, seed)
        np.testing.assert_allclose(backend.run({"input": batch})["embedding"], expected(batch), atol=1e-6)
        launches.append(cuda.launches)
    assert launches == [0, 1, 1, 2, 3, 3]


def test_where_nothing_can_be_recorded_every_run_is_a_plain_one(cuda: SimulatedCuda, library: Library) -> None:
    cuda.can_capture = False
    backend = make(cuda, library)
    for seed in range(3):
        batch = images(2, seed)
        np.testing.assert_allclose(backend.run({"input": batch})["embedding"], expected(batch), atol=1e-6)
    assert cuda.launches == 0


def test_a_result_stays_as_it_is_when_the_next_comes(cuda: SimulatedCuda, library: Library) -> None:
    backend = make(cuda, library)
    first = backend.run({"input": images(1)})["embedding"]
    before = first.copy()
    backend.run({"input": images(1, seed=1)})
    np.testing.assert_array_equal(first, before)


def test_an_array_that_lies_in_memory_in_another_order_is_the_same(cuda: SimulatedCuda, library: Library) -> None:
    batch = images(2)
    strided = np.asfortranarray(batch)
    np.testing.assert_allclose(make(cuda, library).run({"input": strided})["embedding"], expected(batch), atol=1e-6)


def test_shapes_that_were_not_used_for_long_are_forgotten(
    cuda: SimulatedCuda, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tensorrt_backend, "MOST_GRAPHS", 2)
    backend = make(cuda, library)
    for count in (1, 2, 1, 3):
        backend.run({"input": images(count)})
    assert len(cuda.graphs) == 2
    backend.run({"input": images(1)})
    assert cuda.launches == 2


@pytest.mark.parametrize("count", [0, 5])
def test_batches_that_the_engine_was_not_built_for_are_refused(
    count: int, cuda: SimulatedCuda, library: Library
) -> None:
    with pytest.raises(
        BackendError, match=r"image\.onnx: input has the shape .* not one from \[1, 3, 8\] to \[4, 3, 8\]"
    ):
        make(cuda, library).run({"input": images(count)})


def test_a_failing_gpu_is_an_error_with_the_file_named(cuda: SimulatedCuda, library: Library) -> None:
    backend = make(cuda, library)
    library.module.fails = True
    with pytest.raises(BackendError, match=r"image\.onnx: inference failed"):
        backend.run({"input": images(1)})
    library.module.fails = False
    assert backend.run({"input": images(1)})["embedding"].shape[0] == 1


def test_several_encoders_have_streams_of_their_own_and_leave_nothing_behind(
    cuda: SimulatedCuda, library: Library
) -> None:
    backends = [make(cuda, library), make(cuda, library)]
    assert len(cuda.streams) == 2
    for backend in backends:
        backend.run({"input": images(2)})
        backend.close()
    assert [len(kind) for kind in (cuda.streams, cuda.buffers, cuda.graphs)] == [0, 0, 0]


def test_what_nobody_closes_goes_when_nobody_has_it_any_more(cuda: SimulatedCuda, library: Library) -> None:
    backend = make(cuda, library)
    backend.run({"input": images(2)})
    del backend
    gc.collect()
    assert [len(kind) for kind in (cuda.streams, cuda.buffers, cuda.graphs)] == [0, 0, 0]


def test_without_room_on_the_gpu_nothing_is_left_behind(library: Library, cuda: SimulatedCuda) -> None:
    cuda.memory_bytes = 700
    with pytest.raises(BackendError, match=r"image\.onnx: CUDA failed: cudaErrorMemoryAllocation"):
        make(cuda, library)
    assert [len(kind) for kind in (cuda.streams, cuda.buffers)] == [0, 0]


def test_it_says_where_it_runs(cuda: SimulatedCuda, library: Library) -> None:
    backend = make(cuda, library)
    assert (backend.device, backend.precision) == ("Simulated GPU", "fp16")
