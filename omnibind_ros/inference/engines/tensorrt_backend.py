"""The backend for NVIDIA GPUs: NumPy in, NumPy out, and a CUDA graph in between.

Every tensor has one buffer of pinned memory and one on the GPU, as large as its largest shape. The first run with
certain shapes is a plain one, which also warms up; then copies and inference are recorded as a graph, which every later
run with these shapes launches at once.
"""

import weakref
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from omnibind_ros.errors import BackendError
from omnibind_ros.inference.backend import TensorSpec
from omnibind_ros.inference.engines.tensorrt_engine import EngineInput

MOST_GRAPHS = 32
_Shapes = tuple[tuple[int, ...], ...]


class Context(Protocol):
    """An engine with its inputs at certain shapes; see `TensorRtContext`."""

    def output_shape(self, name: str) -> tuple[int, ...]:
        """Shape of an output."""

    def set_scratch(self, address: int, size: int) -> None:
        """Memory of the GPU to work in."""

    def set_address(self, name: str, address: int) -> None:
        """Memory of the GPU for an input or output."""

    def enqueue(self, stream: int) -> None:
        """Enqueue one inference."""


class Engine(Protocol):
    """A compiled network; see `TensorRtEngine`."""

    @property
    def inputs(self) -> Sequence[EngineInput]:
        """What it takes."""

    @property
    def outputs(self) -> Sequence[TensorSpec]:
        """What it returns."""

    @property
    def scratch_bytes(self) -> int:
        """Memory that an inference needs."""

    def context(self, shapes: Mapping[str, tuple[int, ...]]) -> Context:
        """What runs it with these shapes."""


class Graph(Protocol):
    """Recorded work; see `CudaGraph`."""

    def launch(self) -> None:
        """Enqueue all of it."""

    def close(self) -> None:
        """Release it."""


class Stream(Protocol):
    """A CUDA stream and what belongs to it; see `CudaStream`."""

    @property
    def handle(self) -> int:
        """Its address."""

    def pinned(self, size: int) -> NDArray[np.uint8]:
        """Pinned host memory."""

    def device_memory(self, size: int) -> int:
        """Memory of the GPU."""

    def copy_in(self, address: int, pinned: NDArray[np.uint8]) -> None:
        """Enqueue a copy to the GPU."""

    def copy_out(self, pinned: NDArray[np.uint8], address: int) -> None:
        """Enqueue a copy from the GPU."""

    def capture(self, enqueue: Callable[[], None]) -> Graph | None:
        """Record what is enqueued; None when that cannot be."""

    def synchronize(self) -> None:
        """Wait for all of it."""

    def close(self) -> None:
        """Release everything."""


class _Buffer:
    """One tensor's memory, here and on the GPU."""

    def __init__(self, stream: Stream, spec: TensorSpec, largest: tuple[int, ...]) -> None:
        self._stream = stream
        self._spec = spec
        self._pinned = stream.pinned(self._size(largest))
        self.address = stream.device_memory(self._size(largest))

    def array(self, shape: tuple[int, ...]) -> NDArray[np.generic]:
        """The pinned memory as a tensor of this shape."""
        return self._bytes(shape).view(self._spec.dtype).reshape(shape)

    def copy_in(self, shape: tuple[int, ...]) -> None:
        """Enqueue the copy of such a tensor to the GPU."""
        self._stream.copy_in(self.address, self._bytes(shape))

    def copy_out(self, shape: tuple[int, ...]) -> None:
        """Enqueue the copy of such a tensor from the GPU."""
        self._stream.copy_out(self._bytes(shape), self.address)

    def _bytes(self, shape: tuple[int, ...]) -> NDArray[np.uint8]:
        return self._pinned[: self._size(shape)]

    def _size(self, shape: tuple[int, ...]) -> int:
        return int(np.prod(shape)) * self._spec.dtype.itemsize


class _Prepared:
    """The engine at certain shapes of its inputs. The context must live as long as the graph that was made of it."""

    def __init__(self, context: Context, outputs: Mapping[str, tuple[int, ...]]) -> None:
        self.context = context
        self.outputs = outputs
        self.runs = 0
        self.graph: Graph | None = None

    def close(self) -> None:
        """Release the graph."""
        if self.graph is not None:
            self.graph.close()


class TensorRtBackend:
    """A compiled network on a stream of its own, which it closes. name: the file, for messages.

    Raises BackendError when the GPU's memory does not suffice.
    """

    def __init__(self, engine: Engine, stream: Stream, *, name: str, device: str, precision: str) -> None:
        self._engine: Engine | None = engine
        self._stream = stream
        self._name = name
        self._device = device
        self._precision = precision
        self._taken = {one.spec.name: one for one in engine.inputs}
        self._returned = {spec.name: spec for spec in engine.outputs}
        self._prepared: OrderedDict[_Shapes, _Prepared] = OrderedDict()
        try:
            largest = {name: one.shapes.largest for name, one in self._taken.items()}
            context = engine.context(largest)
            shapes = largest | {name: context.output_shape(name) for name in self._returned}
            specs = {one.spec.name: one.spec for one in engine.inputs} | self._returned
            self._buffers = {name: _Buffer(stream, spec, shapes[name]) for name, spec in specs.items()}
            self._scratch = stream.device_memory(max(1, engine.scratch_bytes))
        except BackendError as error:
            stream.close()
            raise error.at(name) from error.__cause__
        # Also where nobody closes it, as when a bundle was loaded that is not used after all.
        self._end = weakref.finalize(self, _release, self._prepared, stream)
        self._end.atexit = False  # the GPU's driver may be gone by then

    @property
    def device(self) -> str:
        """The GPU's name."""
        return self._device

    @property
    def precision(self) -> str:
        """`fp32`, `fp16` or `int8`."""
        return self._precision

    @property
    def inputs(self) -> tuple[TensorSpec, ...]:
        """What it takes."""
        return tuple(one.spec for one in self._taken.values())

    @property
    def outputs(self) -> tuple[TensorSpec, ...]:
        """What it returns."""
        return tuple(self._returned.values())

    def run(self, feeds: Mapping[str, NDArray[np.generic]]) -> dict[str, NDArray[np.generic]]:
        """Outputs by name for inputs by name; the arrays are the caller's. Raises BackendError."""
        if self._engine is None:
            raise BackendError("the backend was closed", remedy="load the network again", source=self._name)
        self._check(feeds)
        shapes = {name: feeds[name].shape for name in self._taken}
        for name, shape in shapes.items():
            np.copyto(self._buffers[name].array(shape), feeds[name])
        try:
            prepared = self._prepare(self._engine, shapes)
            self._run(prepared, shapes)
        except BackendError as error:
            raise error.at(self._name) from error.__cause__
        return {name: self._buffers[name].array(shape).copy() for name, shape in prepared.outputs.items()}

    def close(self) -> None:
        """Release the stream, the memory and the engine."""
        self._engine = None
        self._buffers.clear()
        self._end()

    def _prepare(self, engine: Engine, shapes: Mapping[str, tuple[int, ...]]) -> _Prepared:
        key = tuple(shapes.values())
        if key not in self._prepared:
            if len(self._prepared) >= MOST_GRAPHS:
                self._prepared.popitem(last=False)[1].close()
            context = engine.context(shapes)
            context.set_scratch(self._scratch, engine.scratch_bytes)
            for name, buffer in self._buffers.items():
                context.set_address(name, buffer.address)
            self._prepared[key] = _Prepared(context, {name: context.output_shape(name) for name in self._returned})
        self._prepared.move_to_end(key)
        return self._prepared[key]

    def _run(self, prepared: _Prepared, shapes: Mapping[str, tuple[int, ...]]) -> None:
        def enqueue() -> None:
            for name, shape in shapes.items():
                self._buffers[name].copy_in(shape)
            prepared.context.enqueue(self._stream.handle)
            for name, shape in prepared.outputs.items():
                self._buffers[name].copy_out(shape)

        if prepared.graph is not None:
            prepared.graph.launch()
        else:
            enqueue()
        self._stream.synchronize()
        if prepared.runs == 0:
            prepared.graph = self._stream.capture(enqueue)  # where it cannot be recorded, every run is a plain one
        prepared.runs += 1

    def _check(self, feeds: Mapping[str, NDArray[np.generic]]) -> None:
        if set(feeds) != set(self._taken):
            raise self._refused(f"it takes {sorted(self._taken)}, not {sorted(feeds)}")
        for name, one in self._taken.items():
            array = feeds[name]
            if array.dtype != one.spec.dtype:
                raise self._refused(f"{name} must be {one.spec.dtype}, not {array.dtype}")
            smallest, largest = one.shapes.smallest, one.shapes.largest
            fits = array.ndim == len(largest) and all(
                low <= size <= high for low, size, high in zip(smallest, array.shape, largest, strict=True)
            )
            if not fits:
                raise self._refused(
                    f"{name} has the shape {list(array.shape)}, not one from {list(smallest)} to {list(largest)}"
                )

    def _refused(self, problem: str) -> BackendError:
        return BackendError(
            problem, remedy="export the bundle again with `python -m training bundle`", source=self._name
        )


def _release(prepared: OrderedDict[_Shapes, _Prepared], stream: Stream) -> None:
    for one in prepared.values():
        one.close()
    prepared.clear()
    stream.close()
