from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from training.projection.pairing import Candidate, accepted, nearest_items, pair  # noqa: E402

CANDIDATES = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(-20, 20)), max_size=40, unique_by=lambda one: one[:2]
).map(lambda rows: [Candidate(text, item, cosine / 20) for text, item, cosine in rows])
USES = st.integers(1, 4)


@settings(deadline=None, max_examples=100)
@given(CANDIDATES, USES, USES)
def test_no_text_and_no_item_is_used_too_often(candidates, n, m):
    pairs = accepted(candidates, text_uses=n, item_uses=m)
    assert set(pairs) <= set(candidates)
    assert all(count <= n for count in Counter(one.text for one in pairs).values())
    assert all(count <= m for count in Counter(one.item for one in pairs).values())


@settings(deadline=None, max_examples=100)
@given(CANDIDATES, USES, USES)
def test_it_is_greedy(candidates, n, m):
    """What was left out lost to pairs that are at least as similar and that used up its text or its item."""
    pairs = accepted(candidates, text_uses=n, item_uses=m)
    assert [one.similarity for one in pairs] == sorted((one.similarity for one in pairs), reverse=True)
    for left in set(candidates) - set(pairs):
        before = [one for one in pairs if one.similarity >= left.similarity]
        texts, items = Counter(one.text for one in before), Counter(one.item for one in before)
        assert texts[left.text] == n or items[left.item] == m


@settings(deadline=None, max_examples=50)
@given(CANDIDATES, st.randoms())
def test_the_order_of_the_candidates_changes_nothing(candidates, random):
    shuffled = random.sample(candidates, len(candidates))
    assert accepted(shuffled, text_uses=2, item_uses=1) == accepted(candidates, text_uses=2, item_uses=1)


def unit(rows: int, seed: int) -> np.ndarray:
    vectors = np.random.default_rng(seed).normal(size=(rows, 16)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_the_index_finds_the_nearest():
    pytest.importorskip("faiss", reason="needs requirements/training.txt")
    texts, items = unit(40, 0), unit(300, 1)
    found = nearest_items(texts, items, 8)
    cosine = texts @ items.T
    exact = {(text, item) for text in range(40) for item in np.argsort(-cosine[text])[:8].tolist()}
    assert len(exact & {(one.text, one.item) for one in found}) >= 0.98 * len(exact)
    for one in found:
        assert one.similarity == pytest.approx(cosine[one.text, one.item], abs=1e-5)


def test_few_items_are_all_looked_at_and_the_most_similar_pair_comes_first():
    pytest.importorskip("faiss", reason="needs requirements/training.txt")
    texts, items = unit(5, 0), unit(3, 1)
    pairs = pair(texts, items, text_uses=1, item_uses=1)
    assert len(pairs) == 3
    assert pairs[0].similarity == pytest.approx((texts @ items.T).max(), abs=1e-5)
