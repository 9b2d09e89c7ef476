"""The encoders of the default bundle on ONNX Runtime, and, where it is installed, through TensorRT's parser."""

from dataclasses import replace

import numpy as np
import onnx
import pytest
from onnx import TensorProto
from tiny_bundle import encoder_network as encoder_network_of_bundle

from omnibind_ros.errors import BackendError
from omnibind_ros.inference.bundle import Bundle
from omnibind_ros.inference.engines.library import Library
from omnibind_ros.inference.engines.network import encoder_network
from omnibind_ros.inference.engines.tensorrt_builder import compile_network
from omnibind_ros.inference.onnx_runtime import OnnxRuntimeBackend
from omnibind_ros.modality import Modality
from training.precision.compare import embeddings
from training.precision.convert import convert, largest_value
from training.precision.reduce import REDUCTIONS

# A convolutional network, one of points, and a transformer
MODALITIES = (Modality.THERMAL, Modality.POINT, Modality.TEXT)


def inputs(bundle: Bundle, modality: Modality, count: int = 24) -> np.ndarray:
    shape = (count, *bundle.description.encoders[modality].input.shape)
    random = np.random.default_rng(0)
    if modality is Modality.TEXT:
        return random.integers(0, 200, shape)
    return random.normal(size=shape).astype(np.float32) * 0.3


@pytest.fixture(scope="module")
def reduced(shipped: Bundle) -> dict[tuple[Modality, str], bytes]:
    models = {modality: encoder_network(shipped, modality, "fp32").model for modality in MODALITIES}
    return {
        (modality, reduction): convert(reduction, models[modality], inputs(shipped, modality))
        for modality in MODALITIES
        for reduction in REDUCTIONS
    }


@pytest.mark.parametrize("modality", MODALITIES)
@pytest.mark.parametrize(("reduction", "least"), [("fp16", 0.9999), ("int8", 0.99), ("int8_cpu", 0.99)])
def test_it_says_nearly_what_the_original_says(modality, reduction, least, shipped: Bundle, reduced) -> None:
    original = OnnxRuntimeBackend(encoder_network(shipped, modality, "fp32").model, name="original")
    backend = OnnxRuntimeBackend(reduced[modality, reduction], name="reduced")
    assert (backend.inputs, backend.outputs) == (original.inputs, original.outputs)
    batch = inputs(shipped, modality)
    cosines = (embeddings(original, batch) * embeddings(backend, batch)).sum(axis=1)
    assert cosines.mean() > least


@pytest.mark.parametrize("modality", MODALITIES)
@pytest.mark.parametrize("reduction", ["fp16", "int8"])
def test_tensorrt_compiles_it(modality, reduction, shipped: Bundle, reduced) -> None:
    try:
        library = Library("tensorrt_rtx")
    except BackendError as missing:
        pytest.skip(str(missing))
    network = replace(encoder_network(shipped, modality, "fp32"), model=reduced[modality, reduction])
    assert compile_network(library, network, b"", lambda share: None).content


@pytest.mark.parametrize("modality", MODALITIES)
def test_half_precision_is_half_the_size_and_integers_less(modality, shipped: Bundle, reduced) -> None:
    original = len(encoder_network(shipped, modality, "fp32").model)
    assert len(reduced[modality, "fp16"]) < 0.6 * original
    assert len(reduced[modality, "int8"]) < 0.8 * original


def test_weights_have_the_types_that_are_computed_with(reduced) -> None:
    half = onnx.load_from_string(reduced[Modality.THERMAL, "fp16"])
    large = [one for one in half.graph.initializer if np.prod(one.dims) > 100]
    assert {one.data_type for one in large} == {TensorProto.FLOAT16}
    integers = onnx.load_from_string(reduced[Modality.THERMAL, "int8"])
    assert "QuantizeLinear" in {node.op_type for node in integers.graph.node}
    assert TensorProto.INT32 not in {one.data_type for one in integers.graph.initializer}


def test_the_same_network_gives_the_same_bytes(shipped: Bundle, reduced) -> None:
    model = encoder_network(shipped, Modality.POINT, "fp32").model
    for reduction in REDUCTIONS:
        again = convert(reduction, model, inputs(shipped, Modality.POINT))
        assert again == reduced[Modality.POINT, reduction]


def test_the_largest_value_is_found_in_the_middle_of_a_network() -> None:
    tiny = encoder_network_of_bundle((4,), scale=1000.0)
    found = largest_value(tiny, np.ones((3, 4), np.float32))
    assert found > 100
    assert found == pytest.approx(largest_value(tiny, np.ones((1, 4), np.float32)))
    assert largest_value(tiny, np.full((1, 4), 2, np.float32)) == pytest.approx(2 * found)


def test_an_attention_mask_is_no_large_value(shipped: Bundle) -> None:
    model = encoder_network(shipped, Modality.TEXT, "fp32").model
    assert 1 < largest_value(model, inputs(shipped, Modality.TEXT)) < 1000
