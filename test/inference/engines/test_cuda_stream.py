import numpy as np
import pytest
from simulated_gpu import SimulatedCuda

from omnibind_ros.errors import BackendError
from omnibind_ros.inference.engines.cuda_stream import CudaStream


@pytest.fixture
def cuda() -> SimulatedCuda:
    return SimulatedCuda()


@pytest.fixture
def stream(cuda: SimulatedCuda) -> CudaStream:
    return CudaStream(cuda)


def test_what_is_copied_in_comes_back(stream: CudaStream) -> None:
    there, back, address = stream.pinned(4), stream.pinned(4), stream.device_memory(4)
    there[:] = [1, 2, 3, 4]
    stream.copy_in(address, there)
    stream.copy_out(back, address)
    stream.synchronize()
    np.testing.assert_array_equal(back, [1, 2, 3, 4])


def test_a_graph_does_again_what_was_recorded(cuda: SimulatedCuda, stream: CudaStream) -> None:
    there, back, address = stream.pinned(1), stream.pinned(1), stream.device_memory(1)

    def enqueue() -> None:
        stream.copy_in(address, there)
        stream.copy_out(back, address)

    graph = stream.capture(enqueue)
    there[:] = 7
    back[:] = 0
    graph.launch()
    assert back == 7
    graph.close()
    assert not cuda.graphs


def test_what_cannot_be_recorded_gives_no_graph_and_ends_the_recording(cuda: SimulatedCuda, stream: CudaStream) -> None:
    def fail() -> None:
        raise BackendError("not while recording", remedy="none")

    assert stream.capture(fail) is None
    cuda.can_capture = False
    assert stream.capture(lambda: None) is None
    assert cuda.recordings == {}


def test_closing_releases_everything(cuda: SimulatedCuda, stream: CudaStream) -> None:
    stream.pinned(10)
    stream.device_memory(10)
    stream.close()
    stream.close()
    assert not cuda.buffers
    assert not cuda.streams


def test_full_gpu_memory_is_an_error_with_a_remedy() -> None:
    with pytest.raises(BackendError, match=r"cudaErrorMemoryAllocation.*nvidia-smi"):
        CudaStream(SimulatedCuda(memory_bytes=100)).device_memory(101)
