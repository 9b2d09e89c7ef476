import numpy as np
import pytest

pytest.importorskip("onnx", reason="needs the requirements of the tests: run `make setup-test`")

from onnx import TensorProto, helper, numpy_helper

from benchmarks.encoders.workload import Peaks, Workload, workload


def network() -> bytes:
    """A 3×3 convolution of 2 to 4 channels on 8×8, and a product of its 256 numbers to 10."""
    initializers = [
        numpy_helper.from_array(np.ones((4, 2, 3, 3), np.float32), "kernel"),
        numpy_helper.from_array(np.ones((256, 10), np.float32), "matrix"),
    ]
    nodes = [
        helper.make_node("Conv", ["input", "kernel"], ["features"], pads=[1, 1, 1, 1]),
        helper.make_node("Flatten", ["features"], ["flat"]),
        helper.make_node("MatMul", ["flat", "matrix"], ["embedding"]),
    ]
    graph = helper.make_graph(
        nodes,
        "network",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, ["batch", 2, 8, 8])],
        [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["batch", 10])],
        initializers,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
    return bytes(model.SerializeToString())


def test_operations_and_bytes_are_those_counted_by_hand() -> None:
    work = workload(network(), {"input": np.zeros((1, 2, 8, 8), np.float32)})
    assert work.flops == 2 * (4 * 64 * 2 * 9 + 256 * 10)
    assert work.weight_bytes == 4 * (4 * 2 * 9 + 256 * 10)
    assert work.activation_bytes == 4 * (128 + 256 + 256 + 10)


def test_the_limit_is_whichever_takes_longer() -> None:
    peaks = Peaks(flops=100.0, bytes=10.0)
    assert peaks.shortest_s(Workload(200, 5, 5)) == pytest.approx(2.0)
    assert peaks.shortest_s(Workload(200, 20, 20)) == pytest.approx(4.0)
