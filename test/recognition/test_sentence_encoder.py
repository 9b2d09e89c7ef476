from pathlib import Path

import numpy as np
import pytest
from every_modality import write_bundle_of_every_modality
from tiny_bundle import DIMENSION, write_tiny_bundle

from omnibind_ros.errors import BackendError, BundleError
from omnibind_ros.inference.bundle import Bundle
from omnibind_ros.inference.onnx_runtime import OnnxRuntimeBackend
from omnibind_ros.recognition.sentence_encoder import SentenceEncoder, SentenceReader


def make_backend(model: bytes, name: str) -> OnnxRuntimeBackend:
    return OnnxRuntimeBackend(model, name=name)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return write_bundle_of_every_modality(tmp_path_factory.mktemp("every") / "bundle")


def test_every_sentence_has_a_unit_vector_of_its_own(bundle: Bundle) -> None:
    encoder = SentenceEncoder(bundle, make_backend)
    vectors = encoder.encode(["a red mug", "the dog barks", "a red mug"])
    assert vectors.shape == (3, DIMENSION)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
    np.testing.assert_array_equal(vectors[0], vectors[2])
    assert vectors[0] @ vectors[1] < 0.999
    encoder.close()
    with pytest.raises(BackendError, match="closed"):
        encoder.encode(["a red mug"])


def test_a_reader_tells_whether_it_knows_a_word(bundle: Bundle) -> None:
    reader = SentenceReader(bundle)
    assert reader.knows("xyzzy dog")
    assert not reader.knows("xyzzy plugh")
    assert not reader.knows("")


def test_a_bundle_without_a_text_encoder_is_told(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="tiny: the bundle has no text encoder"):
        SentenceReader(write_tiny_bundle(tmp_path / "tiny"))
