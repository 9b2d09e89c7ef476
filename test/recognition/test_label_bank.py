import numpy as np
import pytest
from tiny_bundle import unit_vectors

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.inference.label_examples import LabelExamples
from omnibind_ros.recognition.label_bank import LabelBank


def test_a_label_is_as_similar_as_its_nearest_centre() -> None:
    centres = unit_vectors(6).reshape(3, 2, -1)
    bank = LabelBank(["mug", "hammer", "bottle"], centres)
    vectors = unit_vectors(5, seed=9)
    expected = np.einsum("bd,lkd->blk", vectors, centres).max(axis=2)
    np.testing.assert_allclose(bank.similarity(vectors), expected, atol=1e-6)


def test_a_centre_is_most_similar_to_its_own_label() -> None:
    centres = unit_vectors(8).reshape(4, 2, -1)
    bank = LabelBank(list("abcd"), centres)
    assert bank.similarity(centres[:, 1]).argmax(axis=1).tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("names", "centres"),
    [([], unit_vectors(1)[:0, None]), (["mug"], unit_vectors(2)[:, None]), (["mug"], unit_vectors(1))],
    ids=["no label", "a row too many", "no axis of centres"],
)
def test_centres_that_are_not_one_row_a_label_are_refused(names: list[str], centres: np.ndarray) -> None:
    with pytest.raises(ConfigurationError, match="one row of centres for each label"):
        LabelBank(names, centres)


def test_examples_add_to_the_nearest_centre() -> None:
    centres, vectors = unit_vectors(3)[:, None], unit_vectors(4, seed=5)
    examples = LabelExamples(vectors[:1], np.array([2]), alpha=3.0, beta=20.0)
    plain, taught = LabelBank(list("abc"), centres), LabelBank(list("abc"), centres, examples)
    gained = taught.similarity(vectors) - plain.similarity(vectors)
    assert gained[0, 2] == pytest.approx(3.0, abs=1e-5)
    assert np.all(gained[:, :2] == 0)
    assert taught.similarity(vectors)[0].argmax() == 2
