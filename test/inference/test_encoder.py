from collections.abc import Mapping

import numpy as np
import pytest
from fake_backend import FLOAT, FakeBackend, fake_encoder
from numpy.typing import NDArray
from tiny_bundle import DIMENSION, encoder_network, write_tiny_bundle

from omnibind_ros.errors import BackendError
from omnibind_ros.inference.backend import TensorSpec
from omnibind_ros.inference.bundle import Bundle
from omnibind_ros.inference.encoder import Encoder
from omnibind_ros.inference.onnx_runtime import OnnxRuntimeBackend
from omnibind_ros.modality import Modality
from omnibind_ros.preprocessing.model_input import ModelInput

SHAPE = (3, 64, 64)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return write_tiny_bundle(tmp_path_factory.mktemp("bundles") / "tiny")


def model_inputs(count: int) -> list[ModelInput]:
    pixels = np.random.default_rng(0).normal(size=(count, *SHAPE)).astype(np.float32)
    return [ModelInput(one, 1.0, 0) for one in pixels]


def test_every_input_becomes_a_unit_vector_in_order(bundle: Bundle) -> None:
    backend = OnnxRuntimeBackend(bundle.content(bundle.description.encoders[Modality.IMAGE]), name="image.onnx")
    encoder = Encoder(bundle, Modality.IMAGE, backend)
    encoder.warm_up()
    inputs = model_inputs(6)
    vectors = encoder.encode(inputs)
    assert vectors.shape == (6, DIMENSION)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-6)
    alone = np.concatenate([encoder.encode([one]) for one in inputs])
    np.testing.assert_allclose(vectors, alone, atol=1e-6)


def test_batches_are_no_larger_than_the_bundle_allows(bundle: Bundle) -> None:
    backend = fake_encoder(SHAPE, DIMENSION)
    Encoder(bundle, Modality.IMAGE, backend).encode(model_inputs(9))
    assert [len(feeds["input"]) for feeds in backend.fed] == [4, 4, 1]


def test_a_network_that_does_not_normalise_is_normalised(bundle: Bundle) -> None:
    backend = fake_encoder(SHAPE, DIMENSION, np.full(DIMENSION, 7, np.float32))
    vectors = Encoder(bundle, Modality.IMAGE, backend).encode(model_inputs(2))
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-6)


@pytest.mark.parametrize("bad", [np.nan, np.inf, 0.0])
def test_what_is_no_vector_is_refused_with_the_file_named(bundle: Bundle, bad: float) -> None:
    backend = fake_encoder(SHAPE, DIMENSION, np.full(DIMENSION, bad, np.float32))
    with pytest.raises(BackendError, match=r"image\.onnx: the image encoder returned no finite vector"):
        Encoder(bundle, Modality.IMAGE, backend).encode(model_inputs(1))


def test_one_input_without_a_vector_costs_the_others_of_its_batch_nothing(bundle: Bundle) -> None:
    backend = fake_encoder(SHAPE, DIMENSION)
    healthy = backend.compute

    def second_is_not_finite(feeds: Mapping[str, NDArray]) -> dict[str, NDArray]:
        vectors = healthy(feeds)["embedding"]
        vectors[1] = np.nan
        return {"embedding": vectors}

    backend.compute = second_is_not_finite
    first, second, third = Encoder(bundle, Modality.IMAGE, backend).encode_each(model_inputs(3))
    assert isinstance(second, BackendError)
    assert second.source is None, "it is the sensor's data as likely as the network"
    for vector in (first, third):
        assert not isinstance(vector, BackendError)
        assert np.linalg.norm(vector) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("taken", "returned"),
    [
        (TensorSpec("pixels", FLOAT, (None, *SHAPE)), TensorSpec("embedding", FLOAT, (None, DIMENSION))),
        (TensorSpec("input", FLOAT, (None, 3, 32, 32)), TensorSpec("embedding", FLOAT, (None, DIMENSION))),
        (TensorSpec("input", np.dtype(np.int64), (None, *SHAPE)), TensorSpec("embedding", FLOAT, (None, DIMENSION))),
        (TensorSpec("input", FLOAT, (None, *SHAPE)), TensorSpec("embedding", FLOAT, (None, 99))),
        (TensorSpec("input", FLOAT, (None, *SHAPE)), TensorSpec("features", FLOAT, (None, DIMENSION))),
    ],
    ids=["input name", "input shape", "input type", "dimension", "output name"],
)
def test_a_network_that_is_not_what_the_bundle_states_is_refused(
    bundle: Bundle, taken: TensorSpec, returned: TensorSpec
) -> None:
    with pytest.raises(BackendError, match=r"image\.onnx: the network takes .*the bundle states"):
        Encoder(bundle, Modality.IMAGE, FakeBackend((taken,), (returned,), dict))


def test_an_onnx_file_of_another_shape_is_refused(bundle: Bundle) -> None:
    with pytest.raises(BackendError, match="the bundle states"):
        Encoder(bundle, Modality.IMAGE, OnnxRuntimeBackend(encoder_network((3, 32, 32)), name="image.onnx"))


def test_closing_releases_the_backend(bundle: Bundle) -> None:
    backend = fake_encoder(SHAPE, DIMENSION)
    Encoder(bundle, Modality.IMAGE, backend).close()
    assert backend.closed
