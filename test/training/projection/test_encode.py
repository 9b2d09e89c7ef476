import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from tiny_bundle import encoder_network, fusion_network, write_tiny_bundle  # noqa: E402

from omnibind_ros.errors import ConfigurationError  # noqa: E402
from omnibind_ros.inference.bundle import load_bundle  # noqa: E402
from omnibind_ros.inference.onnx_runtime import OnnxRuntimeBackend  # noqa: E402
from omnibind_ros.modality import Modality  # noqa: E402
from omnibind_ros.pipeline.resources import bundle_folder  # noqa: E402
from training.projection.encode import (  # noqa: E402
    embed_captions,
    embed_samples,
    embed_texts,
    encoder_backend,
    run_network,
)


def backend(model: bytes) -> OnnxRuntimeBackend:
    return OnnxRuntimeBackend(model, name="net")


def test_batches_change_nothing():
    inputs = np.random.default_rng(0).random((130, 6)).astype(np.float32)
    net = backend(encoder_network((6,)))
    together = run_network(net, inputs)
    np.testing.assert_allclose(
        together, np.concatenate([run_network(net, inputs[i : i + 1]) for i in range(130)]), atol=1e-6
    )
    np.testing.assert_array_equal(together, run_network(net, inputs, "embedding"))


def test_networks_of_other_ends_are_refused():
    inputs = np.zeros((1, 6), np.float32)
    with pytest.raises(ConfigurationError, match="takes 4 inputs"):
        run_network(backend(fusion_network()), inputs)
    with pytest.raises(ConfigurationError, match="name its output"):
        run_network(backend(encoder_network((6,))), inputs, "other")


def test_usable_samples_are_embedded_by_their_rows(splits):
    table = embed_samples(splits["test"], Modality.THERMAL, backend(encoder_network((1, 64, 64))))
    assert table.ids == tuple(map(str, splits["test"].usable(Modality.THERMAL).tolist()))
    with pytest.raises(ConfigurationError, match="no usable samples of touch"):
        embed_samples(splits["test"], Modality.TOUCH, backend(encoder_network((3, 64, 64))))


def test_texts_are_embedded_as_the_robot_does(splits):
    bundle = load_bundle(bundle_folder("omnibind-sim"))
    vectors = embed_texts(bundle, ["a red mug", "a hammer", "a red mug"], threads=1)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-4)
    np.testing.assert_array_equal(vectors[0], vectors[2])
    assert vectors[0] @ vectors[1] < 0.9
    table = embed_captions(splits["test"], bundle, threads=1)
    assert len(table.ids) == len(splits["test"])


def test_an_encoder_that_is_not_there_is_told(tmp_path):
    with pytest.raises(ConfigurationError, match="no encoder for touch"):
        encoder_backend(write_tiny_bundle(tmp_path / "tiny"), Modality.TOUCH, 1)
