from pathlib import Path

import numpy as np
import pytest
from every_modality import write_bundle_of_every_modality
from tiny_bundle import LABELS, write_tiny_bundle

from omnibind_ros.errors import BundleError, QuestionError
from omnibind_ros.inference.bundle import Bundle
from omnibind_ros.inference.onnx_runtime import OnnxRuntimeBackend
from omnibind_ros.retrieval.words import Words


def words_of(bundle: Bundle, made: list[str] | None = None) -> Words:
    def make_backend(model: bytes, name: str) -> OnnxRuntimeBackend:
        if made is not None:
            made.append(name)
        return OnnxRuntimeBackend(model, name=name)

    return Words(bundle.folder, bundle.space, make_backend)


@pytest.fixture(scope="module")
def with_text(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return write_bundle_of_every_modality(tmp_path_factory.mktemp("every") / "bundle")


def test_a_label_of_the_bundle_has_its_centres_and_others_the_text_encoders(with_text: Bundle) -> None:
    words = words_of(with_text)
    np.testing.assert_allclose(words.vector("hammer"), with_text.centres_KkD[LABELS.index("hammer"), 0], atol=1e-5)
    dog = words.vector("red dog")
    assert np.linalg.norm(dog) == pytest.approx(1.0, abs=1e-5)
    assert dog.dtype == np.float32
    np.testing.assert_array_equal(words.vector("red dog"), dog)
    assert not np.allclose(words.vector("bird"), dog)
    words.close()


def test_the_text_encoder_is_loaded_when_it_is_needed_and_released_when_told(with_text: Bundle) -> None:
    made: list[str] = []
    words = words_of(with_text, made)
    assert made == []
    first = words.vector("bird")
    words.vector("dog")
    assert made == ["text.onnx"]
    words.close()
    words.close()
    np.testing.assert_array_equal(words.vector("bird"), first)
    assert made == ["text.onnx", "text.onnx"]
    words.close()


def test_words_that_mean_nothing_are_refused(with_text: Bundle, tmp_path: Path) -> None:
    with pytest.raises(QuestionError, match="knows no word of 'xyzzy'"):
        words_of(with_text).vector("xyzzy")
    without_text = words_of(write_tiny_bundle(tmp_path / "tiny"))
    assert without_text.vector("mug").shape == (16,)
    with pytest.raises(QuestionError, match=r"no text encoder, and 'dog' is none of its labels \(ask for one of mug"):
        without_text.vector("dog")


def test_a_bundle_that_was_exchanged_is_told(with_text: Bundle) -> None:
    words = Words(with_text.folder, with_text.space + 1, lambda model, name: OnnxRuntimeBackend(model, name=name))
    with pytest.raises(BundleError, match="start the memory again"):
        words.vector("mug")
