"""TensorRT on this computer's GPU, if both are there: the engines that are ready, as backends."""

from contextlib import suppress
from pathlib import Path

from omnibind_ros.errors import BackendError
from omnibind_ros.inference.engines.cuda_stream import CudaStream
from omnibind_ros.inference.engines.engine_cache import EngineCache
from omnibind_ros.inference.engines.engine_key import engine_key
from omnibind_ros.inference.engines.gpu import Gpu, cuda_library, find_gpu
from omnibind_ros.inference.engines.library import LIBRARIES, Library
from omnibind_ros.inference.engines.network import Network
from omnibind_ros.inference.engines.parity import check_parity
from omnibind_ros.inference.engines.tensorrt_backend import TensorRtBackend
from omnibind_ros.inference.engines.tensorrt_engine import TensorRtEngine


class Accelerator:
    """A library, the GPU, and the engines built for both."""

    def __init__(self, library: Library, gpu: Gpu, cache: EngineCache) -> None:
        self.library = library
        self.gpu = gpu
        self.cache = cache

    def backend(self, network: Network) -> TensorRtBackend | None:
        """The network on the GPU; None while its engine has to be built.

        Raises BackendError when the cache cannot be used or the GPU's memory does not suffice. An engine that TensorRT
        does not take is forgotten, so that it is built again.
        """
        key = engine_key(network, self.library, self.gpu)
        plan = self.cache.plan(key)
        if plan is None:
            return None
        try:
            engine = TensorRtEngine(self.library, self.gpu, plan)
        except BackendError:
            self.cache.discard_plan(key)
            return None
        return self._on_stream(engine, network)

    def check(self, network: Network, plan: bytes) -> None:
        """Run a plan that was built here and compare it with the original. Raises BackendError when it is not alike."""
        backend = self._on_stream(TensorRtEngine(self.library, self.gpu, plan), network)
        try:
            check_parity(network, backend)
        finally:
            backend.close()

    def _on_stream(self, engine: TensorRtEngine, network: Network) -> TensorRtBackend:
        return TensorRtBackend(
            engine, CudaStream(cuda_library()), name=network.file, device=self.gpu.name, precision=network.precision
        )


def find_accelerator(backend: str, cache: Path) -> Accelerator | None:
    """What the parameter `backend` asks for: `onnxruntime` none, `auto` whatever is there, a library exactly that.

    cache: folder of the engines. Raises BackendError when a library is asked for by name and it or a GPU is missing.
    """
    if backend == "onnxruntime":
        return None
    try:
        return accelerator(backend, cache)
    except BackendError:
        if backend == "auto":
            return None
        raise


def accelerator(backend: str, cache: Path) -> Accelerator:
    """The library of this name, or with `auto` the first there is. Raises BackendError where it or a GPU is missing."""
    gpu = find_gpu(cuda_library())  # before any library, which may not survive that there is none
    names = LIBRARIES if backend == "auto" else (backend,)
    for name in names[:-1]:
        with suppress(BackendError):
            return Accelerator(Library(name), gpu, EngineCache(cache))
    return Accelerator(Library(names[-1]), gpu, EngineCache(cache))
