"""ONNX Runtime: the backend that runs anywhere."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from omnibind_ros.errors import BackendError
from omnibind_ros.inference.backend import TensorSpec

_CPU = "CPUExecutionProvider"
_DTYPES: dict[str, np.dtype[np.generic]] = {
    "tensor(float)": np.dtype(np.float32),
    "tensor(float16)": np.dtype(np.float16),
    "tensor(int64)": np.dtype(np.int64),
    "tensor(bool)": np.dtype(np.bool_),
}


class OnnxRuntimeBackend:
    """An ONNX network, on the CPU unless other execution providers are named.

    model: the bytes of the ONNX file, already checked. threads: cores one inference may use. precision: of what is
    inside the network, where that is not the type of its inputs and outputs. providers: those of ONNX Runtime to use,
    the first that works for each part of the network.
    """

    def __init__(
        self,
        model: bytes,
        *,
        name: str,
        threads: int = 1,
        precision: str | None = None,
        providers: Sequence[str | tuple[str, Mapping[str, Any]]] = (_CPU,),
    ) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        # Waiting threads must sleep: spinning more than doubles the CPU time of an encoder that runs at sensor rate.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        self._name = name
        self._precision = precision
        try:
            self._session: onnxruntime.InferenceSession | None = onnxruntime.InferenceSession(
                model, options, providers=list(providers)
            )
        except Exception as error:  # ONNX Runtime raises its own unrelated classes, one a failure code
            raise BackendError(
                f"ONNX Runtime {onnxruntime.__version__} cannot load the network: {error}",
                remedy="export the bundle again, or install an onnxruntime of the range in package.xml",
                source=name,
            ) from error
        self._device = "CPU" if self._session.get_providers()[0] == _CPU else "GPU"
        self._inputs = tuple(_spec(node, name) for node in self._session.get_inputs())
        self._outputs = tuple(_spec(node, name) for node in self._session.get_outputs())

    @property
    def device(self) -> str:
        """Where it runs."""
        return self._device

    @property
    def precision(self) -> str:
        """As it was stated, or the type of the network's floating-point inputs and outputs."""
        if self._precision is not None:
            return self._precision
        return "fp16" if any(spec.dtype == np.float16 for spec in (*self._inputs, *self._outputs)) else "fp32"

    @property
    def inputs(self) -> tuple[TensorSpec, ...]:
        """What it takes."""
        return self._inputs

    @property
    def outputs(self) -> tuple[TensorSpec, ...]:
        """What it returns."""
        return self._outputs

    def run(self, feeds: Mapping[str, NDArray[np.generic]]) -> dict[str, NDArray[np.generic]]:
        """Outputs by name for inputs by name. Raises BackendError."""
        if self._session is None:
            raise BackendError("the backend was closed", remedy="load the network again", source=self._name)
        try:
            results = self._session.run(None, dict(feeds))
        except Exception as error:  # see above
            raise BackendError(
                f"inference failed: {error}", remedy="check the bundle and the free memory", source=self._name
            ) from error
        return {spec.name: np.asarray(result) for spec, result in zip(self._outputs, results, strict=True)}

    def close(self) -> None:
        """Release the session."""
        self._session = None


def _spec(node: Any, name: str) -> TensorSpec:
    dtype = _DTYPES.get(node.type)
    if dtype is None:
        raise BackendError(
            f"{node.name} has the type {node.type}, which is not supported",
            remedy="export the network with float32, int64 or bool inputs and outputs",
            source=name,
        )
    return TensorSpec(node.name, dtype, tuple(size if isinstance(size, int) else None for size in node.shape))
