import numpy as np
import pytest
from onnx import TensorProto, helper
from tiny_bundle import network

from omnibind_ros.errors import BackendError
from omnibind_ros.inference.onnx_runtime import OnnxRuntimeBackend


def identity(element_type: int) -> bytes:
    return network(
        [helper.make_node("Identity", ["input"], ["output"])],
        [helper.make_tensor_value_info("input", element_type, ["batch", 2])],
        [helper.make_tensor_value_info("output", element_type, ["batch", 2])],
        {},
    )


def test_half_precision_is_reported() -> None:
    backend = OnnxRuntimeBackend(identity(TensorProto.FLOAT16), name="half.onnx")
    assert backend.precision == "fp16"
    assert backend.run({"input": np.ones((1, 2), np.float16)})["output"].dtype == np.float16


def test_the_precision_inside_the_network_is_as_stated() -> None:
    assert (
        OnnxRuntimeBackend(identity(TensorProto.FLOAT), name="image.int8_cpu.onnx", precision="int8").precision
        == "int8"
    )


def test_a_type_no_encoder_has_is_refused() -> None:
    with pytest.raises(BackendError, match=r"text\.onnx: input has the type tensor\(string\)"):
        OnnxRuntimeBackend(identity(TensorProto.STRING), name="text.onnx")


def test_more_threads_change_nothing_but_the_time() -> None:
    model = identity(TensorProto.FLOAT)
    feeds = {"input": np.arange(6, dtype=np.float32).reshape(3, 2)}
    one, two = (OnnxRuntimeBackend(model, name="x", threads=threads).run(feeds)["output"] for threads in (1, 2))
    np.testing.assert_array_equal(one, two)
