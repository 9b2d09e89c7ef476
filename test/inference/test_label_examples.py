import numpy as np
from tiny_bundle import unit_vectors

from omnibind_ros.inference.label_examples import NEAREST, LabelExamples


def added(examples: LabelExamples, vectors: np.ndarray, labels: int) -> np.ndarray:
    similarity = np.zeros((len(vectors), labels), np.float32)
    examples.add_to(similarity, vectors)
    return similarity


def test_a_label_gains_by_its_nearest_examples() -> None:
    keys, vectors = unit_vectors(9), unit_vectors(3, seed=7)
    numbers = np.array([2, 0, 2, 0, 2, 2, 2, 2, 2])
    expected = np.zeros((3, 4))
    for label in (0, 2):
        affinity = np.exp(-4.0 * (1 - vectors @ keys[numbers == label].T))
        expected[:, label] = 1.5 * np.sort(affinity, axis=1)[:, -NEAREST:].mean(axis=1)
    np.testing.assert_allclose(added(LabelExamples(keys, numbers, 1.5, 4.0), vectors, 4), expected, rtol=1e-5)


def test_what_is_an_example_gains_alpha_and_labels_without_examples_nothing() -> None:
    keys = np.eye(4, dtype=np.float32)[:2]
    gained = added(LabelExamples(keys, np.array([1, 0]), 0.7, 50.0), keys, 3)
    np.testing.assert_allclose(gained, [[0, 0.7, 0], [0.7, 0, 0]], atol=1e-6)
    assert gained.dtype == np.float32


def test_more_examples_of_a_label_are_no_advantage() -> None:
    key = unit_vectors(1)
    one = LabelExamples(np.repeat(key, 2, axis=0), np.array([0, 1]), 1.0, 5.0)
    many = LabelExamples(np.repeat(key, 4, axis=0), np.array([0, 1, 1, 1]), 1.0, 5.0)
    vectors = unit_vectors(4, seed=3)
    np.testing.assert_allclose(added(one, vectors, 2), added(many, vectors, 2), rtol=1e-6)


def test_chosen_labels_keep_their_examples_under_their_new_numbers() -> None:
    keys = unit_vectors(3)
    examples = LabelExamples(keys, np.array([0, 1, 2]), 1.0, 5.0)
    kept = examples.of_labels(["mug", "hammer", "bottle"], ["bottle", "spoon", "mug"])
    assert kept is not None
    assert kept.label_M.tolist() == [2, 0]
    np.testing.assert_array_equal(kept.vector_MD, keys[[0, 2]])
    assert examples.of_labels(["mug", "hammer", "bottle"], ["spoon", "fork"]) is None
