"""A GPU for tests: the modules of CUDA and of TensorRT's runtime as far as they are used, in this process's memory.

An engine's plan is an ONNX network, which ONNX Runtime runs. What is enqueued while a stream records is recorded only,
as on a GPU. Addresses are checked: whoever copies beyond a buffer, or uses one that was freed, fails.
"""

# ruff: noqa: N802 - the names are those of CUDA and TensorRT
import ctypes
import itertools
import math
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from types import SimpleNamespace
from typing import Any

import numpy as np
import onnxruntime
from tiny_bundle import encoder_network

from omnibind_ros.inference.engines.gpu import Gpu
from omnibind_ros.inference.engines.library import Library
from omnibind_ros.inference.engines.network import Network, ShapeRange

SHAPE = (3, 8)
SHAPES = {"input": ShapeRange((1, *SHAPE), (1, *SHAPE), (4, *SHAPE))}
GPU = Gpu("Simulated GPU", "8.7", 12060)


def tiny_network(part: str = "image", *, sha256: str = "0" * 64, precision: str = "fp32") -> Network:
    model = encoder_network(SHAPE)
    return Network("tiny", part, "image.onnx", model, model, sha256, precision, SHAPES)


def simulated_library(
    monkeypatch: Any, cuda: "SimulatedCuda", shapes: Mapping[str, ShapeRange] | None = None
) -> Library:
    """TensorRT on that GPU, in the place of the installed one. shapes: of the plans' inputs, where not the usual."""
    monkeypatch.setitem(sys.modules, "tensorrt", SimulatedTensorRt(cuda, shapes or {}))
    return Library("tensorrt")


class CudaError(IntEnum):
    cudaSuccess = 0
    cudaErrorMemoryAllocation = 2
    cudaErrorInsufficientDriver = 35
    cudaErrorStreamCaptureUnsupported = 900


@dataclass
class SimulatedCuda:
    """Stands for `cuda.bindings.runtime`."""

    gpus: int = 1
    driver: bool = True
    memory_bytes: int = 1 << 30
    can_capture: bool = True
    buffers: dict[int, Any] = field(default_factory=dict)
    streams: set[int] = field(default_factory=set)
    graphs: dict[int, list[Callable[[], None]]] = field(default_factory=dict)
    launches: int = 0
    recordings: dict[int, list[Callable[[], None]]] = field(default_factory=dict)
    handles: Iterator[int] = field(default_factory=lambda: itertools.count(1000))

    cudaError_t = CudaError
    cudaStreamNonBlocking = 1
    cudaHostAllocDefault = 0
    cudaMemcpyKind = SimpleNamespace(cudaMemcpyHostToDevice=1, cudaMemcpyDeviceToHost=2)
    cudaStreamCaptureMode = SimpleNamespace(cudaStreamCaptureModeThreadLocal=1)

    def cudaGetDeviceCount(self):
        return (CudaError.cudaSuccess, self.gpus) if self.driver else (CudaError.cudaErrorInsufficientDriver, None)

    def cudaGetDeviceProperties(self, device):
        return CudaError.cudaSuccess, SimpleNamespace(name=b"Simulated GPU\0\0", major=8, minor=7)

    def cudaRuntimeGetVersion(self):
        return CudaError.cudaSuccess, 12060

    def cudaGetErrorString(self, error):
        return CudaError.cudaSuccess, error.name.encode()

    def cudaGetLastError(self):
        return (CudaError.cudaSuccess,)

    def cudaStreamCreateWithFlags(self, flags):
        assert flags == self.cudaStreamNonBlocking
        handle = next(self.handles)
        self.streams.add(handle)
        return CudaError.cudaSuccess, handle

    def cudaStreamDestroy(self, stream):
        self.streams.remove(stream)
        return (CudaError.cudaSuccess,)

    def cudaStreamSynchronize(self, stream):
        assert stream in self.streams
        return (CudaError.cudaSuccess,)

    def cudaMalloc(self, size):
        if sum(map(ctypes.sizeof, list(self.buffers.values()))) + size > self.memory_bytes:
            return CudaError.cudaErrorMemoryAllocation, None
        buffer = (ctypes.c_uint8 * size)()
        self.buffers[ctypes.addressof(buffer)] = buffer
        return CudaError.cudaSuccess, ctypes.addressof(buffer)

    def cudaHostAlloc(self, size, flags):
        return self.cudaMalloc(size)

    def cudaFree(self, address):
        del self.buffers[address]
        return (CudaError.cudaSuccess,)

    cudaFreeHost = cudaFree

    def cudaMemcpyAsync(self, destination, source, size, kind, stream):
        assert size <= min(ctypes.sizeof(self.buffers[address]) for address in (destination, source))
        self.enqueue(lambda: ctypes.memmove(destination, source, size), stream)
        return (CudaError.cudaSuccess,)

    def cudaStreamBeginCapture(self, stream, mode):
        self.recordings[stream] = []
        return (CudaError.cudaSuccess,)

    def cudaStreamEndCapture(self, stream):
        recorded = self.recordings.pop(stream)
        if not self.can_capture:
            return CudaError.cudaErrorStreamCaptureUnsupported, None
        return CudaError.cudaSuccess, recorded

    def cudaGraphInstantiate(self, graph, flags):
        handle = id(graph)
        self.graphs[handle] = graph
        return CudaError.cudaSuccess, handle

    def cudaGraphDestroy(self, graph):
        return (CudaError.cudaSuccess,)

    def cudaGraphLaunch(self, handle, stream):
        self.launches += 1
        for work in self.graphs[handle]:
            work()
        return (CudaError.cudaSuccess,)

    def cudaGraphExecDestroy(self, handle):
        del self.graphs[handle]
        return (CudaError.cudaSuccess,)

    def enqueue(self, work: Callable[[], Any], stream: int) -> None:
        assert stream in self.streams
        if stream in self.recordings:
            self.recordings[stream].append(work)
        else:
            work()


class SimulatedTensorRt:
    """Stands for the module `tensorrt`. shapes: of the plans' inputs, where not what the names of their sizes say."""

    __version__ = "10.3.0"
    TensorIOMode = SimpleNamespace(INPUT=1, OUTPUT=2)
    ExecutionContextAllocationStrategy = SimpleNamespace(USER_MANAGED=2)
    DynamicShapesKernelSpecializationStrategy = SimpleNamespace(EAGER=1)

    class ILogger:
        Severity = SimpleNamespace(INTERNAL_ERROR=0, ERROR=1, WARNING=2)

    def __init__(self, cuda: SimulatedCuda, shapes: Mapping[str, ShapeRange]) -> None:
        self.cuda = cuda
        self.shapes = shapes
        self.fails = False

    def Runtime(self, logger):
        def deserialize(plan):
            try:
                return SimulatedEngine(self, onnxruntime.InferenceSession(plan))
            except Exception as error:  # ONNX Runtime has many
                logger.log(self.ILogger.Severity.WARNING, "not this one")
                logger.log(self.ILogger.Severity.ERROR, f"magic tag does not match: {error}")
                return None

        return SimpleNamespace(deserialize_cuda_engine=deserialize)


# Smallest, usual and largest, by the names in the tiny networks.
_SIZES = {"batch": (1, 1, 4), "members": (1, 4, 64)}
_TYPES = {"tensor(float)": "FLOAT", "tensor(int64)": "INT64", "tensor(bool)": "BOOL", "tensor(int32)": "INT32"}


class SimulatedEngine:
    device_memory_size_v2 = 512

    def __init__(self, trt: SimulatedTensorRt, session: onnxruntime.InferenceSession) -> None:
        self.trt = trt
        self.session = session
        self.nodes = {node.name: node for node in (*session.get_inputs(), *session.get_outputs())}
        self.taken = {node.name for node in session.get_inputs()}
        self.num_io_tensors = len(self.nodes)

    def get_tensor_name(self, index):
        return [*self.nodes][index]

    def get_tensor_mode(self, name):
        return self.trt.TensorIOMode.INPUT if name in self.taken else self.trt.TensorIOMode.OUTPUT

    def get_tensor_shape(self, name):
        return [size if isinstance(size, int) else -1 for size in self.nodes[name].shape]

    def get_tensor_dtype(self, name):
        return SimpleNamespace(name=_TYPES[self.nodes[name].type])

    def get_tensor_profile_shape(self, name, profile):
        shapes = self.shapes_of(name)
        return [list(shapes.smallest), list(shapes.usual), list(shapes.largest)]

    def shapes_of(self, name):
        if name in self.trt.shapes:
            return self.trt.shapes[name]
        sizes = self.nodes[name].shape
        return ShapeRange(*(tuple(_SIZES.get(size, (size,) * 3)[rank] for size in sizes) for rank in range(3)))

    def create_runtime_config(self):
        return SimpleNamespace(set_execution_context_allocation_strategy=lambda strategy: None)

    def create_execution_context(self, strategy):
        return SimulatedContext(self)


class SimulatedContext:
    def __init__(self, engine: SimulatedEngine) -> None:
        self.engine = engine
        self.shapes: dict[str, tuple[int, ...]] = {}
        self.addresses: dict[str, int] = {}
        self.scratch = 0

    def set_input_shape(self, name, shape):
        allowed = self.engine.shapes_of(name)
        self.shapes[name] = tuple(shape)
        return all(a <= s <= b for a, s, b in zip(allowed.smallest, shape, allowed.largest, strict=True))

    def get_tensor_shape(self, name):
        return self.run_on({name: np.zeros(*self._taken(name)) for name in self.engine.taken})[name].shape

    def set_device_memory(self, address, size):
        assert ctypes.sizeof(self.engine.trt.cuda.buffers[address]) >= size == self.engine.device_memory_size_v2
        self.scratch = address

    def set_tensor_address(self, name, address):
        self.addresses[name] = address

    def execute_async_v3(self, stream):
        if self.engine.trt.fails:
            return False
        self.engine.trt.cuda.enqueue(self._run, stream)
        return True

    def run_on(self, feeds):
        names = [node.name for node in self.engine.session.get_outputs()]
        return dict(zip(names, self.engine.session.run(None, feeds), strict=True))

    def _run(self):
        assert self.scratch in self.engine.trt.cuda.buffers
        feeds = {name: self._at(name, *self._taken(name)) for name in self.engine.taken}
        for name, array in self.run_on(feeds).items():
            self._at(name, array.shape, array.dtype)[...] = array

    def _taken(self, name):
        types = {"FLOAT": np.float32, "INT64": np.int64, "BOOL": np.bool_}
        return self.shapes[name], np.dtype(types[self.engine.get_tensor_dtype(name).name])

    def _at(self, name, shape, dtype):
        buffer = self.engine.trt.cuda.buffers[self.addresses[name]]
        size = math.prod(shape) * dtype.itemsize
        return np.frombuffer(buffer, np.uint8)[:size].view(dtype).reshape(shape)
