"""What an ONNX network computes and moves, and what this processor can do at most."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper
from onnxruntime import InferenceSession, SessionOptions

_TRIALS = 7
_MATRIX = 1536
_COPIED_BYTES = 256 * 2**20
_FLOAT_BYTES = 4
_MATRICES = ["left", "right", "product"]


@dataclass(frozen=True, slots=True)
class Workload:
    """Of one inference: floating-point operations, bytes of weights, and bytes between the nodes, written and read."""

    flops: int
    weight_bytes: int
    activation_bytes: int


@dataclass(frozen=True, slots=True)
class Peaks:
    """What one core does at most: operations a second in a large matrix product, bytes a second in a large copy."""

    flops: float
    bytes: float

    def shortest_s(self, work: Workload) -> float:
        """The roofline: whichever takes longer, computing or moving the weights and activations once."""
        return max(work.flops / self.flops, (work.weight_bytes + work.activation_bytes) / self.bytes)


def workload(model: bytes, feeds: Mapping[str, NDArray[np.generic]]) -> Workload:
    """Count convolutions and matrix products, a multiplication and an addition as two, for these inputs."""
    proto = onnx.load_from_string(model)
    weights = {one.name: numpy_helper.to_array(one) for one in proto.graph.initializer}
    values: dict[str, NDArray[Any]] = {**weights, **feeds, **_values_between(proto, feeds)}
    flops = sum(_flops(node, values) for node in proto.graph.node)
    weight_bytes = sum(one.nbytes for one in weights.values())
    layers = [node for node in proto.graph.node if node.op_type in _COUNTED]
    moved = [values[name] for node in layers for name in (node.input[0], node.output[0])]
    return Workload(flops, weight_bytes, sum(one.nbytes for one in moved))


def measured_peaks() -> Peaks:
    """The best of several trials on one core; of the matrix products of NumPy and ONNX Runtime the faster one."""
    left, right = np.ones((2, _MATRIX, _MATRIX), np.float32)
    product = np.empty_like(left)
    source = np.ones(_COPIED_BYTES // _FLOAT_BYTES, np.float32)
    target = np.empty_like(source)
    session = _product_session()
    gemm_s = min(
        _shortest_s(lambda: np.matmul(left, right, out=product)),
        _shortest_s(lambda: session.run(None, {"left": left, "right": right})),
    )
    copy_s = _shortest_s(lambda: np.copyto(target, source))
    return Peaks(2 * _MATRIX**3 / gemm_s, 2 * _COPIED_BYTES / copy_s)


def _shortest_s(action: Callable[[], object]) -> float:
    action()
    taken = []
    for _ in range(_TRIALS):
        begin = time.perf_counter()
        action()
        taken.append(time.perf_counter() - begin)
    return min(taken)


def _product_session() -> InferenceSession:
    matrices = [helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [_MATRIX] * 2) for name in _MATRICES]
    graph = helper.make_graph(
        [helper.make_node("MatMul", _MATRICES[:2], _MATRICES[2:])], "product", matrices[:2], matrices[2:]
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
    return InferenceSession(model.SerializeToString(), _one_thread(), providers=["CPUExecutionProvider"])


def _values_between(proto: onnx.ModelProto, feeds: Mapping[str, NDArray[np.generic]]) -> dict[str, NDArray[Any]]:
    known = {one.name for one in proto.graph.output}
    names = [name for node in proto.graph.node for name in node.output if name]
    proto.graph.output.extend(onnx.ValueInfoProto(name=name) for name in names if name not in known)
    session = InferenceSession(proto.SerializeToString(), _one_thread(), providers=["CPUExecutionProvider"])
    return dict(zip(names, session.run(names, dict(feeds)), strict=True))


def _one_thread() -> SessionOptions:
    options = SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return options


def _flops(node: onnx.NodeProto, values: Mapping[str, NDArray[Any]]) -> int:
    counted = _COUNTED.get(node.op_type)
    return 0 if counted is None else 2 * int(counted(node, values))


def _of_convolution(node: onnx.NodeProto, values: Mapping[str, NDArray[Any]]) -> int:
    return values[node.output[0]].size * int(np.prod(values[node.input[1]].shape[1:]))


def _of_product(node: onnx.NodeProto, values: Mapping[str, NDArray[Any]]) -> int:
    transposed = any(one.name == "transA" and one.i for one in node.attribute)
    return values[node.output[0]].size * values[node.input[0]].shape[-2 if transposed else -1]


_COUNTED: dict[str, Callable[[onnx.NodeProto, Mapping[str, NDArray[Any]]], int]] = {
    "Conv": _of_convolution,
    "Gemm": _of_product,
    "MatMul": _of_product,
}
