import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from omnibind_ros.errors import ConfigurationError  # noqa: E402
from omnibind_ros.recognition.label_bank import LabelBank  # noqa: E402
from training.projection.centres import (  # noqa: E402
    chosen_descriptions,
    log_mean_exp,
    ranked_descriptions,
)


def unit(*shape: int, seed: int = 0) -> np.ndarray:
    vectors = np.random.default_rng(seed).normal(size=shape).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def test_the_nearest_to_the_prompt_come_first_in_each_category():
    vectors, prompts = unit(40, 6), unit(2, 6, seed=1)
    names = ["mug", "saw"] * 20
    ranked = ranked_descriptions(vectors, names, prompts, ["mug", "saw"], near_duplicate=2.0)
    for category, (rows, prompt) in enumerate(zip(ranked, prompts, strict=True)):
        assert sorted(rows) == list(range(category, 40, 2))
        assert (np.diff(vectors[rows] @ prompt) <= 0).all()


def test_near_duplicates_count_once_and_the_nearer_one_stays():
    prompt = np.array([[1.0, 0.0, 0.0]] * 2, np.float32)
    vectors = np.array([[0.8, 0.6, 0.0], [0.81, 0.586, 0.0], [0.6, 0.0, 0.8], [0.0, 1.0, 0.0]], np.float32)
    ranked = ranked_descriptions(vectors, ["mug", "mug", "mug", "saw"], prompt, ["mug", "saw"])
    assert ranked == [[1, 2], [3]]


@settings(deadline=None, max_examples=50)
@given(st.lists(st.integers(1, 12), min_size=2, max_size=6), st.integers(1, 20))
def test_all_categories_get_equally_many(sizes, count):
    ranked = [list(range(size)) for size in sizes]
    chosen = chosen_descriptions(ranked, count)
    assert chosen.shape == (len(sizes), min(count, *sizes))
    assert chosen.tolist() == [rows[: chosen.shape[1]] for rows in ranked]


def test_the_smooth_maximum_lies_between_mean_and_maximum():
    samples, centres = unit(7, 6), unit(3, 5, 6, seed=1)
    cosine = np.einsum("bd,kcd->bkc", samples, centres)
    nearest = LabelBank(("a", "b", "c"), centres).similarity(samples)
    smooth = log_mean_exp(samples, centres, 0.07)
    assert (smooth <= nearest + 1e-6).all()
    assert (smooth >= cosine.mean(axis=2) - 1e-6).all()
    np.testing.assert_allclose(log_mean_exp(samples, centres, 1e-4), nearest, atol=1e-3)
    np.testing.assert_allclose(log_mean_exp(samples, centres, 1e3), cosine.mean(axis=2), atol=1e-3)


def test_one_centre_is_its_cosine():
    samples, centres = unit(7, 6), unit(3, 1, 6, seed=1)
    np.testing.assert_allclose(log_mean_exp(samples, centres, 0.07), samples @ centres[:, 0].T, atol=1e-5)


def test_a_category_without_a_description_is_told():
    with pytest.raises(ConfigurationError, match="`saw` has no description"):
        ranked_descriptions(unit(1, 6), ["mug"], unit(2, 6), ["mug", "saw"])
