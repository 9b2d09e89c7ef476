import numpy as np
import pytest
from onnx import TensorProto, helper
from simulated_gpu import GPU, SHAPE, SHAPES, SimulatedCuda, simulated_library, tiny_network
from tiny_bundle import DIMENSION, network

from omnibind_ros.errors import BackendError
from omnibind_ros.inference.backend import TensorSpec
from omnibind_ros.inference.engines.library import Library
from omnibind_ros.inference.engines.tensorrt_engine import EngineInput, TensorRtEngine


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> Library:
    return simulated_library(monkeypatch, SimulatedCuda())


def test_it_says_what_the_engine_takes_and_returns(library: Library) -> None:
    engine = TensorRtEngine(library, GPU, tiny_network().model)
    assert engine.inputs == (EngineInput(TensorSpec("input", np.dtype(np.float32), (None, *SHAPE)), SHAPES["input"]),)
    assert engine.outputs == (TensorSpec("embedding", np.dtype(np.float32), (None, DIMENSION)),)


def test_a_plan_that_is_not_taken_is_an_error_with_the_librarys_reason(library: Library) -> None:
    with pytest.raises(BackendError, match=r"tensorrt 10\.3\.0 on Simulated GPU .*magic tag does not match"):
        TensorRtEngine(library, GPU, b"of another version")


def test_shapes_that_the_engine_was_not_built_for_are_refused(library: Library) -> None:
    with pytest.raises(BackendError, match=r"input cannot have the shape \[5, 3, 8\]"):
        TensorRtEngine(library, GPU, tiny_network().model).context({"input": (5, *SHAPE)})


def test_the_shape_of_an_output_follows_from_those_of_the_inputs(library: Library) -> None:
    context = TensorRtEngine(library, GPU, tiny_network().model).context({"input": (3, *SHAPE)})
    assert context.output_shape("embedding") == (3, DIMENSION)


def test_a_type_that_no_network_of_ours_has_is_refused(library: Library) -> None:
    cast = network(
        [helper.make_node("Cast", ["input"], ["output"], to=TensorProto.INT32)],
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, ["batch", *SHAPE])],
        [helper.make_tensor_value_info("output", TensorProto.INT32, ["batch", *SHAPE])],
        {},
    )
    with pytest.raises(BackendError, match="output has a type that is not supported"):
        TensorRtEngine(library, GPU, cast)
