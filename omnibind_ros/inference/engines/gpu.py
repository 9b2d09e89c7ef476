"""The NVIDIA GPU of this computer. Asked for before TensorRT is, whose runtime ends the process where no driver is."""

from dataclasses import dataclass
from importlib import import_module
from typing import Any

from omnibind_ros.errors import BackendError


@dataclass(frozen=True, slots=True)
class Gpu:
    """What an engine depends on. cuda_runtime: version as CUDA counts it, 12060 for 12.6."""

    name: str
    compute_capability: str
    cuda_runtime: int


def cuda_library() -> Any:
    """The module `cuda.bindings.runtime`. Raises BackendError where it is not installed."""
    try:
        return import_module("cuda.bindings.runtime")
    except (ImportError, OSError, RuntimeError) as error:  # a wheel whose shared libraries are not there
        raise BackendError(
            f"cuda-bindings cannot be imported: {error}",
            remedy='install it for the CUDA of this computer: pip install "cuda-bindings<13" with CUDA 12',
        ) from error


def find_gpu(cuda: Any) -> Gpu:
    """The first GPU that CUDA shows (`CUDA_VISIBLE_DEVICES` chooses it). Raises BackendError when there is none."""
    count = _answer(cuda, cuda.cudaGetDeviceCount())
    if count < 1:
        raise _no_gpu("CUDA shows no GPU")
    properties = _answer(cuda, cuda.cudaGetDeviceProperties(0))
    return Gpu(
        name=bytes(properties.name).split(b"\0")[0].decode(errors="replace"),
        compute_capability=f"{properties.major}.{properties.minor}",
        cuda_runtime=int(_answer(cuda, cuda.cudaRuntimeGetVersion())),
    )


def _answer(cuda: Any, result: tuple[Any, ...]) -> Any:
    error, *values = result
    if error != cuda.cudaError_t.cudaSuccess:
        _, text = cuda.cudaGetErrorString(error)
        raise _no_gpu(f"CUDA says: {bytes(text).decode(errors='replace')}")
    return values[0]


def _no_gpu(problem: str) -> BackendError:
    return BackendError(
        f"no GPU can be used, {problem}",
        remedy="install the NVIDIA driver and see that `nvidia-smi` shows the GPU, or choose the backend onnxruntime",
    )
