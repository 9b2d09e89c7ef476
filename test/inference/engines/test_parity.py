import numpy as np
import pytest
from fake_backend import FLOAT, FakeBackend
from simulated_gpu import SHAPE, tiny_network
from tiny_bundle import DIMENSION

from omnibind_ros.errors import BackendError
from omnibind_ros.inference.backend import TensorSpec
from omnibind_ros.inference.bundle import Bundle
from omnibind_ros.inference.engines.network import networks
from omnibind_ros.inference.engines.parity import check_parity
from omnibind_ros.inference.onnx_runtime import OnnxRuntimeBackend

NETWORK = tiny_network(precision="fp16")


def engine(change: float) -> FakeBackend:
    """The network itself, with noise of so much of its own size."""
    original = OnnxRuntimeBackend(NETWORK.original, name="original")
    noise = np.random.default_rng(1).normal(size=DIMENSION).astype(np.float32)

    def compute(feeds):
        vectors = original.run(feeds)["embedding"]
        return {"embedding": vectors + change * np.linalg.norm(vectors) * noise / np.linalg.norm(noise)}

    return FakeBackend(
        (TensorSpec("input", FLOAT, (None, *SHAPE)),), (TensorSpec("embedding", FLOAT, (None, DIMENSION)),), compute
    )


@pytest.mark.parametrize("change", [0.0, 0.01])
def test_rounding_is_allowed(change: float) -> None:
    check_parity(NETWORK, engine(change))


@pytest.mark.parametrize("change", [1.0, 100.0, np.inf, np.nan])
def test_another_result_is_refused_with_the_file_and_a_remedy(change: float) -> None:
    with pytest.raises(BackendError, match=r"image\.onnx: the engine's embedding is not .*fp32.*onnxruntime"):
        check_parity(NETWORK, engine(change))


def test_every_network_of_the_default_bundle_is_like_itself(shipped: Bundle) -> None:
    for file, network in networks(shipped).items():
        check_parity(network, OnnxRuntimeBackend(network.model, name=file))
