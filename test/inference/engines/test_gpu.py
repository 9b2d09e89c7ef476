from types import SimpleNamespace

import pytest
from simulated_gpu import GPU, SimulatedCuda

from omnibind_ros.errors import BackendError
from omnibind_ros.inference.engines import gpu
from omnibind_ros.inference.engines.gpu import cuda_library, find_gpu


def test_the_gpu_is_described_by_what_an_engine_depends_on() -> None:
    assert find_gpu(SimulatedCuda()) == GPU


@pytest.mark.parametrize(
    ("cuda", "said"),
    [(SimulatedCuda(driver=False), "cudaErrorInsufficientDriver"), (SimulatedCuda(gpus=0), "CUDA shows no GPU")],
    ids=["no driver", "no GPU"],
)
def test_without_a_gpu_the_remedy_is_named(cuda: SimulatedCuda, said: str) -> None:
    with pytest.raises(BackendError, match=rf"{said}.*nvidia-smi.*onnxruntime"):
        find_gpu(cuda)


def test_the_installed_cuda_library_tells_whether_there_is_a_gpu() -> None:
    try:
        cuda = cuda_library()
    except BackendError as missing:
        pytest.skip(str(missing))
    try:
        assert find_gpu(cuda).name
    except BackendError as none:
        assert "no GPU can be used" in str(none)


def test_a_cuda_library_that_cannot_be_loaded_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(name: str) -> SimpleNamespace:
        raise RuntimeError("libcudart.so is not there")

    monkeypatch.setattr(gpu, "import_module", broken)
    with pytest.raises(BackendError, match=r"libcudart.*pip install"):
        cuda_library()
