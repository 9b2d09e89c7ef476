import pytest
from tiny_bundle import DIMENSION, write_tiny_bundle

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.inference.bundle import Bundle
from omnibind_ros.inference.engines.network import MOST_FUSED, ShapeRange, encoder_network, fusion_network, networks
from omnibind_ros.modality import Modality


@pytest.fixture
def bundle(tmp_path) -> Bundle:
    return write_tiny_bundle(tmp_path / "tiny")


def test_an_encoder_takes_batches_up_to_the_bundles_largest(bundle: Bundle) -> None:
    network = encoder_network(bundle, Modality.THERMAL)
    assert network.name == "tiny/thermal"
    assert network.shapes == {"input": ShapeRange((1, 1, 64, 64), (1, 1, 64, 64), (4, 1, 64, 64))}
    assert network.model == (bundle.folder / network.file).read_bytes()
    assert network.sha256 == bundle.description.encoders[Modality.THERMAL].sha256


def test_the_fusion_head_takes_one_set_of_many_embeddings(bundle: Bundle) -> None:
    shapes = fusion_network(bundle).shapes
    assert set(shapes) == {"embeddings", "modality", "quality", "live"}
    assert shapes["live"].largest == (1, MOST_FUSED)
    assert shapes["embeddings"].largest == (1, MOST_FUSED, DIMENSION)


def test_every_network_of_the_bundle_is_found_by_its_file(bundle: Bundle) -> None:
    assert {file: network.name for file, network in networks(bundle).items()} == {
        "image.onnx": "tiny/image",
        "thermal.onnx": "tiny/thermal",
        "audio.onnx": "tiny/audio",
        "fusion.onnx": "tiny/fusion",
    }


def test_without_files_of_lower_precision_the_original_is_used(bundle: Bundle) -> None:
    assert encoder_network(bundle, Modality.IMAGE, "int8").precision == "fp32"
    with pytest.raises(ConfigurationError, match="int4"):
        encoder_network(bundle, Modality.IMAGE, "int4")
