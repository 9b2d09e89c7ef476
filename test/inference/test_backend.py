"""What every backend promises; TensorRT is held to it on a simulated GPU."""

from collections.abc import Callable

import numpy as np
import pytest
from simulated_gpu import GPU, SimulatedCuda, simulated_library
from tiny_bundle import DIMENSION, encoder_network, fusion_network

from omnibind_ros.errors import BackendError
from omnibind_ros.inference.backend import Backend, TensorSpec
from omnibind_ros.inference.engines.cuda_stream import CudaStream
from omnibind_ros.inference.engines.network import ShapeRange
from omnibind_ros.inference.engines.tensorrt_backend import TensorRtBackend
from omnibind_ros.inference.engines.tensorrt_engine import TensorRtEngine
from omnibind_ros.inference.onnx_runtime import OnnxRuntimeBackend

MakeBackend = Callable[[bytes], Backend]
SHAPE = (3, 4)


def between(least: tuple[int, ...], most: tuple[int, ...]) -> ShapeRange:
    return ShapeRange(least, least, most)


PAIRS = between((1, 1), (2, 8))
SHAPES = {
    "input": between((1, *SHAPE), (8, *SHAPE)),
    "embeddings": between((1, 1, DIMENSION), (2, 8, DIMENSION)),
    **dict.fromkeys(("modality", "quality", "live"), PAIRS),
}


@pytest.fixture(params=["onnxruntime", "tensorrt"])
def make(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> MakeBackend:
    def make_tensorrt(model: bytes) -> TensorRtBackend:
        cuda = SimulatedCuda()
        engine = TensorRtEngine(simulated_library(monkeypatch, cuda, SHAPES), GPU, model)
        return TensorRtBackend(engine, CudaStream(cuda), name="image.onnx", device=GPU.name, precision="fp32")

    if request.param == "tensorrt":
        return make_tensorrt
    return lambda model: OnnxRuntimeBackend(model, name="image.onnx")


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
def test_a_broken_network_is_refused(make: MakeBackend, model: bytes) -> None:
    with pytest.raises(BackendError, match=r"cannot load the network|does not take the engine"):
        make(model)
