"""ONNX networks in lower precision, with inputs and outputs of the same types as before.

Precision is in the file: TensorRT builds strongly typed networks and chooses no types of its own.
"""

import logging
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnxruntime import InferenceSession, SessionOptions
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_dynamic, quantize_static
from onnxruntime.transformers.float16 import convert_float_to_float16

from omnibind_ros.inference.bundle_schema import Reduction

_BATCH = 16
_INFINITE = 1e37  # what masks are made of, in any precision
_QUANTISED_FOR_TENSORRT = ["Conv", "MatMul", "Gemm"]
_QUANTISED_FOR_CPUS = ["MatMul", "Gemm"]  # of quantised convolutions ONNX Runtime's are slower than its float32 ones


def convert(reduction: Reduction, model: bytes, calibration: NDArray[np.generic]) -> bytes:
    """The network `model` with the input `input` in lower precision.

    calibration: inputs (N, *input_shape) whose ranges of values are those of operation; only int8 looks at them.
    """
    if reduction == "fp16":
        return to_half(model)
    return to_int8(model, calibration) if reduction == "int8" else to_cpu_int8(model)


def to_half(model: bytes) -> bytes:
    """Weights and arithmetic in float16, inputs and outputs as they were.

    ONNX Runtime computes it in float32 on CPUs, where nothing overflows: see `largest_value`.
    """
    half: onnx.ModelProto = convert_float_to_float16(_without_inferred_shapes(model), keep_io_types=True)
    return bytes(half.SerializeToString(deterministic=True))


def largest_value(model: bytes, input_N: NDArray[np.generic]) -> float:
    """The largest magnitude of any value between the nodes of a float32 network, over inputs (N, *input_shape)."""
    proto = onnx.load_from_string(model)
    known = {value.name for value in proto.graph.output}
    between = {name for node in proto.graph.node for name in node.output if name and name not in known}
    proto.graph.output.extend(onnx.ValueInfoProto(name=name) for name in sorted(between))
    options = SessionOptions()
    options.log_severity_level = 3
    session = InferenceSession(proto.SerializeToString(), options, providers=["CPUExecutionProvider"])
    largest = 0.0
    for batch in _batches(input_N):
        for value in session.run(None, {"input": batch}):
            if value.dtype == np.float32:
                magnitude = np.abs(value)
                largest = max(largest, float(magnitude[magnitude < _INFINITE].max(initial=0)))
    return largest


def to_int8(model: bytes, calibration: NDArray[np.generic]) -> bytes:
    """Quantise and dequantise around convolutions and matrix products, as TensorRT reads it.

    Symmetric, because TensorRT has no zero points; weights by channel; biases stay float32, because TensorRT does not
    read int32 ones.
    """

    def quantise(source: Path, target: Path) -> None:
        quantize_static(
            source,
            target,
            _Batches(calibration),
            quant_format=QuantFormat.QDQ,
            activation_type=QuantType.QInt8,
            weight_type=QuantType.QInt8,
            per_channel=True,
            op_types_to_quantize=_QUANTISED_FOR_TENSORRT,
            extra_options={"ActivationSymmetric": True, "WeightSymmetric": True, "QuantizeBias": False},
        )

    return _through_files(model, quantise)


def to_cpu_int8(model: bytes) -> bytes:
    """Matrix products in int8 with ranges found while running, for ONNX Runtime on CPUs. TensorRT cannot read it."""

    def quantise(source: Path, target: Path) -> None:
        quantize_dynamic(source, target, weight_type=QuantType.QInt8, op_types_to_quantize=_QUANTISED_FOR_CPUS)

    return _through_files(model, quantise)


class _Batches(CalibrationDataReader):  # type: ignore[misc]  # onnxruntime has no types
    def __init__(self, inputs: NDArray[np.generic]) -> None:
        self._batches = _batches(inputs)

    def get_next(self) -> dict[str, NDArray[np.generic]] | None:
        """The next batch, None after the last."""
        batch = next(self._batches, None)
        return None if batch is None else {"input": batch}


def _batches(inputs: NDArray[np.generic]) -> Iterator[NDArray[np.generic]]:
    return (inputs[start : start + _BATCH] for start in range(0, len(inputs), _BATCH))


def _through_files(model: bytes, quantise: Callable[[Path, Path], None]) -> bytes:
    # it recommends a preprocessing that our exported networks do not need
    logging.getLogger().addFilter(_is_no_recommendation)
    try:
        with tempfile.TemporaryDirectory() as folder:
            source, target = Path(folder) / "original.onnx", Path(folder) / "reduced.onnx"
            source.write_bytes(_without_inferred_shapes(model).SerializeToString())
            quantise(source, target)
            return bytes(onnx.load(target).SerializeToString(deterministic=True))
    finally:
        logging.getLogger().removeFilter(_is_no_recommendation)


def _is_no_recommendation(record: logging.LogRecord) -> bool:
    return "pre-processing before quantization" not in record.getMessage()


def _without_inferred_shapes(model: bytes) -> onnx.ModelProto:
    """Shapes between the nodes are inferred again; those of transposed weights would contradict what is quantised."""
    proto = onnx.load_from_string(model)
    del proto.graph.value_info[:]
    return proto
