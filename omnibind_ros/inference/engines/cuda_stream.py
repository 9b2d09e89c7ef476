"""One CUDA stream with the memory that belongs to it, and graphs: all that is asked of CUDA.

Every stream of a process is in the GPU's primary context, so that all encoders and the fusion head share one.
"""

import ctypes
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omnibind_ros.errors import BackendError


class CudaStream:
    """A non-blocking stream. Not thread-safe: one backend owns it.

    cuda: the module `cuda.bindings.runtime`. Every method raises BackendError when CUDA refuses.
    """

    def __init__(self, cuda: Any) -> None:
        self._cuda = cuda
        self._stream = self._answer(cuda.cudaStreamCreateWithFlags(cuda.cudaStreamNonBlocking))
        self._releases: list[Callable[[], object]] = [lambda: cuda.cudaStreamDestroy(self._stream)]

    @property
    def handle(self) -> int:
        """The stream's address."""
        return int(self._stream)

    def pinned(self, size: int) -> NDArray[np.uint8]:
        """So many bytes of host memory that is never paged out, which is what the GPU copies from by itself."""
        address = int(self._answer(self._cuda.cudaHostAlloc(size, self._cuda.cudaHostAllocDefault)))
        self._releases.append(lambda: self._cuda.cudaFreeHost(address))
        return np.ctypeslib.as_array((ctypes.c_uint8 * size).from_address(address))

    def device_memory(self, size: int) -> int:
        """Address of so many bytes of the GPU's memory."""
        address = int(self._answer(self._cuda.cudaMalloc(size)))
        self._releases.append(lambda: self._cuda.cudaFree(address))
        return address

    def copy_in(self, address: int, pinned: NDArray[np.uint8]) -> None:
        """Enqueue a copy of pinned memory to the GPU."""
        kind = self._cuda.cudaMemcpyKind.cudaMemcpyHostToDevice
        self._answer(self._cuda.cudaMemcpyAsync(address, pinned.ctypes.data, pinned.nbytes, kind, self._stream))

    def copy_out(self, pinned: NDArray[np.uint8], address: int) -> None:
        """Enqueue a copy from the GPU to pinned memory."""
        kind = self._cuda.cudaMemcpyKind.cudaMemcpyDeviceToHost
        self._answer(self._cuda.cudaMemcpyAsync(pinned.ctypes.data, address, pinned.nbytes, kind, self._stream))

    def capture(self, enqueue: Callable[[], None]) -> "CudaGraph | None":
        """Record what `enqueue` enqueues; None when it cannot be recorded."""
        cuda = self._cuda
        # In this thread only: what another encoder allocates meanwhile must not spoil the recording.
        mode = cuda.cudaStreamCaptureMode.cudaStreamCaptureModeThreadLocal
        self._answer(cuda.cudaStreamBeginCapture(self._stream, mode))
        recorded = True
        try:
            enqueue()
        except BackendError:
            recorded = False
        error, graph = cuda.cudaStreamEndCapture(self._stream)
        if recorded and error == cuda.cudaError_t.cudaSuccess:
            error, executable = cuda.cudaGraphInstantiate(graph, 0)
            cuda.cudaGraphDestroy(graph)
            if error == cuda.cudaError_t.cudaSuccess:
                return CudaGraph(lambda: self._answer(cuda.cudaGraphLaunch(executable, self._stream)), cuda, executable)
        cuda.cudaGetLastError()  # or the next call would report it
        return None

    def synchronize(self) -> None:
        """Wait until all that was enqueued is done."""
        self._answer(self._cuda.cudaStreamSynchronize(self._stream))

    def close(self) -> None:
        """Release the stream and its memory. What CUDA says to that changes nothing."""
        if self._releases:
            self._cuda.cudaStreamSynchronize(self._stream)
        while self._releases:
            self._releases.pop()()

    def _answer(self, result: tuple[Any, ...]) -> Any:
        error, *values = result
        if error != self._cuda.cudaError_t.cudaSuccess:
            _, text = self._cuda.cudaGetErrorString(error)
            raise BackendError(
                f"CUDA failed: {bytes(text).decode(errors='replace')}",
                remedy="look for free GPU memory with `nvidia-smi`; after any other error restart the node",
            )
        return values[0] if values else None


class CudaGraph:
    """Work that was recorded once and is launched as a whole; made by `CudaStream.capture`."""

    def __init__(self, launch: Callable[[], object], cuda: Any, executable: Any) -> None:
        self._launch = launch
        self._cuda = cuda
        self._executable = executable

    def launch(self) -> None:
        """Enqueue all of it. Raises BackendError."""
        self._launch()

    def close(self) -> None:
        """Release it."""
        self._cuda.cudaGraphExecDestroy(self._executable)
