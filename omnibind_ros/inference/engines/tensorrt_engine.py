"""A compiled network on the GPU: all that is asked of TensorRT's runtime."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from omnibind_ros.errors import BackendError
from omnibind_ros.inference.backend import TensorSpec
from omnibind_ros.inference.engines.gpu import Gpu
from omnibind_ros.inference.engines.library import Library
from omnibind_ros.inference.engines.network import ShapeRange

_DTYPES: dict[str, np.dtype[np.generic]] = {
    "FLOAT": np.dtype(np.float32),
    "HALF": np.dtype(np.float16),
    "INT64": np.dtype(np.int64),
    "BOOL": np.dtype(np.bool_),
}


@dataclass(frozen=True, slots=True)
class EngineInput:
    """An input, and between which shapes it may be."""

    spec: TensorSpec
    shapes: ShapeRange


class TensorRtEngine:
    """A plan that was deserialised, which runs the code in it: give only what was built here and checked since.

    gpu: proof that there is a driver, without which the library ends the process. Raises BackendError for a plan that
    the library does not take: of another version, for another GPU, or damaged.
    """

    def __init__(self, library: Library, gpu: Gpu, plan: bytes) -> None:
        trt = library.module
        self._library = library
        self._trt = trt
        library.last_problem()
        self._runtime = trt.Runtime(library.logger)
        engine = self._runtime.deserialize_cuda_engine(plan)
        if engine is None:
            raise BackendError(
                f"{library.name} {library.version} on {gpu.name} does not take the engine: {library.last_problem()}",
                remedy="nothing has to be done, it is built again",
            )
        self._engine = engine
        names = [engine.get_tensor_name(index) for index in range(engine.num_io_tensors)]
        taken = {name: engine.get_tensor_mode(name) == trt.TensorIOMode.INPUT for name in names}
        self.inputs = tuple(EngineInput(self._spec(name), self._shapes(name)) for name in names if taken[name])
        self.outputs = tuple(self._spec(name) for name in names if not taken[name])

    @property
    def scratch_bytes(self) -> int:
        """Size of the GPU memory that one inference needs."""
        return int(self._engine.device_memory_size_v2)

    def context(self, shapes: Mapping[str, tuple[int, ...]]) -> "TensorRtContext":
        """What runs the engine with inputs of these shapes. Raises BackendError."""
        engine, trt = self._engine, self._trt
        ours = trt.ExecutionContextAllocationStrategy.USER_MANAGED
        if self._library.name == "tensorrt_rtx":
            config = engine.create_runtime_config()
            config.set_execution_context_allocation_strategy(ours)
            # A kernel that is still being compiled would leave its slow replacement in the graph for good.
            config.dynamic_shapes_kernel_specialization_strategy = trt.DynamicShapesKernelSpecializationStrategy.EAGER
            context = engine.create_execution_context(config)
        else:
            context = engine.create_execution_context(ours)
        if context is None:
            raise self._failed("there is no execution context")
        for name, shape in shapes.items():
            if not context.set_input_shape(name, shape):
                raise self._failed(f"{name} cannot have the shape {list(shape)}")
        return TensorRtContext(context, self._library)

    def _spec(self, name: str) -> TensorSpec:
        dtype = _DTYPES.get(self._engine.get_tensor_dtype(name).name)
        if dtype is None:
            raise self._failed(f"{name} has a type that is not supported")
        shape = tuple(None if size < 0 else int(size) for size in self._engine.get_tensor_shape(name))
        return TensorSpec(name, dtype, shape)

    def _shapes(self, name: str) -> ShapeRange:
        smallest, usual, largest = self._engine.get_tensor_profile_shape(name, 0)
        return ShapeRange(tuple(smallest), tuple(usual), tuple(largest))

    def _failed(self, problem: str) -> BackendError:
        return BackendError(
            f"{problem}: {self._library.last_problem()}", remedy="look for free GPU memory with `nvidia-smi`"
        )


class TensorRtContext:
    """The engine with its inputs at certain shapes; made by `TensorRtEngine.context`."""

    def __init__(self, context: Any, library: Library) -> None:
        self._context = context
        self._library = library

    def output_shape(self, name: str) -> tuple[int, ...]:
        """Shape of an output at the shapes of the inputs. Raises BackendError when it depends on their values."""
        shape = tuple(int(size) for size in self._context.get_tensor_shape(name))
        if min(shape, default=0) < 0:
            raise BackendError(f"the shape of {name} depends on values", remedy="choose the backend onnxruntime")
        return shape

    def set_scratch(self, address: int, size: int) -> None:
        """Use that memory of the GPU for what lies between inputs and outputs."""
        self._context.set_device_memory(address, size)

    def set_address(self, name: str, address: int) -> None:
        """Read an input from, or write an output to, that memory of the GPU."""
        self._context.set_tensor_address(name, address)

    def enqueue(self, stream: int) -> None:
        """Enqueue one inference. Raises BackendError."""
        if not self._context.execute_async_v3(stream):
            raise BackendError(
                f"inference failed: {self._library.last_problem()}", remedy="restart the node; see its log"
            )
