from pathlib import Path

import numpy as np
import pytest
from every_modality import write_bundle_of_every_modality
from tiny_bundle import DIMENSION, LABELS, write_tiny_bundle

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.inference.bundle import Bundle
from omnibind_ros.inference.onnx_runtime import OnnxRuntimeBackend
from omnibind_ros.recognition.centre_cache import CentreCache
from omnibind_ros.recognition.label_centres import PROMPTS, bank_for, check_labels, sentences


class Maker:
    """Makes real backends and counts them."""

    def __init__(self) -> None:
        self.made: list[OnnxRuntimeBackend] = []

    def __call__(self, model: bytes, name: str) -> OnnxRuntimeBackend:
        self.made.append(OnnxRuntimeBackend(model, name=name))
        return self.made[-1]


@pytest.fixture(scope="module")
def with_text(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return write_bundle_of_every_modality(tmp_path_factory.mktemp("every") / "bundle")


@pytest.fixture
def without_text(tmp_path: Path) -> Bundle:
    return write_tiny_bundle(tmp_path / "tiny")


@pytest.fixture
def cache(tmp_path: Path) -> CentreCache:
    return CentreCache(tmp_path / "cache", pytest.fail)


def test_without_labels_the_bundles_own_count(with_text: Bundle, cache: CentreCache) -> None:
    maker = Maker()
    assert bank_for([], with_text, maker, cache) is None
    assert maker.made == []


def test_the_bundles_own_labels_keep_their_centres(without_text: Bundle, cache: CentreCache) -> None:
    bank = bank_for(["hammer", "mug"], without_text, Maker(), cache)
    assert bank is not None
    assert bank.names == ("hammer", "mug")
    own = without_text.centres_KkD[[LABELS.index("hammer"), LABELS.index("mug")], 0]
    np.testing.assert_allclose(bank.similarity(own), own @ own.T, atol=1e-6)


def test_new_labels_get_centres_of_the_text_encoder(with_text: Bundle, cache: CentreCache) -> None:
    maker = Maker()
    bank = bank_for(["mug", "red dog"], with_text, maker, cache)
    assert bank is not None
    (backend,) = maker.made
    with pytest.raises(Exception, match="closed"):
        backend.run({})
    mug = with_text.centres_KkD[LABELS.index("mug"), 0]
    similarity = bank.similarity(mug[None])[0]
    assert similarity[0] == pytest.approx(1.0, abs=1e-5)
    assert abs(similarity[1]) <= 1.0 + 1e-5


def test_what_was_made_once_comes_from_the_cache(with_text: Bundle, cache: CentreCache) -> None:
    probe = np.eye(DIMENSION, dtype=np.float32)
    first, second = Maker(), Maker()
    made = bank_for(["dog", "bird"], with_text, first, cache)
    read = bank_for(["bird", "dog"], with_text, second, cache)
    assert made is not None
    assert read is not None
    assert len(first.made) == 1
    assert second.made == []
    np.testing.assert_array_equal(made.similarity(probe), read.similarity(probe)[:, ::-1])


@pytest.mark.parametrize(
    ("labels", "problem"),
    [
        (["mug"], "name 2 to"),
        (["mug", "dog", "mug"], "1 of them repeated"),
        (["mug", ""], "cannot be a label"),
        (["mug", "x" * 300], "cannot be a label"),
        (["mug", "unknown"], "cannot be a label: it is the answer when no label fits .*another name in `labels`"),
        (["mug", " Unknown"], "cannot be a label: it is the answer when no label fits"),
        (["mug", "zyzzyva"], "knows no word of 'zyzzyva'"),
    ],
)
def test_labels_that_cannot_be_told_apart_are_refused(with_text: Bundle, labels: list[str], problem: str) -> None:
    with pytest.raises(ConfigurationError, match=problem):
        check_labels(labels, with_text)


def test_without_a_text_encoder_there_are_no_new_labels(without_text: Bundle) -> None:
    check_labels(["mug", "sponge"], without_text)
    with pytest.raises(ConfigurationError, match=r"no text encoder to make one \(use its own labels \(mug, hammer"):
        check_labels(["mug", "dog"], without_text)


def test_every_label_gets_as_many_sentences_as_the_bundles_own_have() -> None:
    assert sentences("mug", 3) == ["a photo of a mug", "a mug", "a thermal image of a mug"]
    assert len(sentences("mug", len(PROMPTS) + 2)) == len(PROMPTS) + 2
    assert len(set(sentences("mug", len(PROMPTS)))) == len(PROMPTS)
