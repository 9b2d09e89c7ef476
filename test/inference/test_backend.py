"""What every backend promises, tried on each that is installed here."""

from collections.abc import Callable

import numpy as np
import pytest
from tiny_bundle import DIMENSION, encoder_network, fusion_network

from omnibind_ros.errors import BackendError
from omnibind_ros.inference.backend import Backend, TensorSpec
from omnibind_ros.inference.onnx_runtime import OnnxRuntimeBackend

MakeBackend = Callable[[bytes], Backend]
SHAPE = (3, 4)


@pytest.fixture(params=["onnxruntime"])
def make(request: pytest.FixtureRequest) -> MakeBackend:
    return {"onnxruntime": lambda model: OnnxRuntimeBackend(model, name="image.onnx")}[request.param]


def test_it_says_what_the_network_takes_and_returns(make: MakeBackend) -> None:
    backend = make(encoder_network(SHAPE))
    assert backend.inputs == (TensorSpec("input", np.dtype(np.float32), (None, *SHAPE)),)
    assert backend.outputs == (TensorSpec("embedding", np.dtype(np.float32), (None, DIMENSION)),)
    assert backend.device
    assert backend.precision == "fp32"


def test_a_batch_gives_the_same_as_its_members(make: MakeBackend) -> None:
    backend = make(encoder_network(SHAPE))
    batch = np.random.default_rng(0).normal(size=(5, *SHAPE)).astype(np.float32)
    together = backend.run({"input": batch})["embedding"]
    alone = np.concatenate([backend.run({"input": one[None]})["embedding"] for one in batch])
    np.testing.assert_allclose(together, alone, atol=1e-6)


def test_inputs_and_outputs_of_all_our_types_go_through(make: MakeBackend) -> None:
    outputs = make(fusion_network()).run(
        {
            "embeddings": np.eye(2, DIMENSION, dtype=np.float32)[None],
            "modality": np.array([[0, 5]], np.int64),
            "quality": np.array([[0.5, 0.5]], np.float32),
            "live": np.array([[True, False]]),
        }
    )
    np.testing.assert_allclose(outputs["weights"], [[1, 0]])


@pytest.mark.parametrize(
    "feeds",
    [
        {},
        {"other": np.zeros((1, *SHAPE), np.float32)},
        {"input": np.zeros((1, 2, 2), np.float32)},
        {"input": np.zeros((1, *SHAPE), np.float64)},
    ],
    ids=["nothing", "another name", "another shape", "another type"],
)
def test_wrong_inputs_are_refused_with_the_file_named(make: MakeBackend, feeds: dict[str, np.ndarray]) -> None:
    with pytest.raises(BackendError) as refused:
        make(encoder_network(SHAPE)).run(feeds)
    assert refused.value.source == "image.onnx"


def test_a_closed_backend_refuses_to_run(make: MakeBackend) -> None:
    backend = make(encoder_network(SHAPE))
    backend.close()
    backend.close()
    with pytest.raises(BackendError, match="closed"):
        backend.run({"input": np.zeros((1, *SHAPE), np.float32)})


@pytest.mark.parametrize("model", [b"", b"no network", encoder_network(SHAPE)[:200]])
def test_a_broken_network_is_refused_with_the_file_named(make: MakeBackend, model: bytes) -> None:
    with pytest.raises(BackendError, match=r"image\.onnx: .*cannot load the network"):
        make(model)
