import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from seen import axis, direction

from omnibind_ros.errors import QuestionError
from omnibind_ros.retrieval.arithmetic import combined, unit


def test_terms_are_normalised_added_and_normalised() -> None:
    np.testing.assert_allclose(combined([(1.0, axis(0)), (1.0, 20 * axis(1))]), direction(1, 1), atol=1e-6)
    np.testing.assert_allclose(combined([(1.0, axis(0)), (-0.5, axis(1))]), direction(1, -0.5), atol=1e-6)
    np.testing.assert_allclose(combined([(3.0, 0.1 * axis(2))]), axis(2), atol=1e-6)


def test_what_is_subtracted_is_no_longer_in_it() -> None:
    red_cup, red = direction(1, 1), axis(1)
    assert combined([(1.0, red_cup), (-1.0, red)]) @ red < red_cup @ red


def test_terms_that_cancel_are_refused() -> None:
    with pytest.raises(QuestionError, match="cancel each other"):
        combined([(1.0, axis(0)), (-2.0, axis(1)), (-1.0, axis(0)), (2.0, axis(1))])


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.floats(0.1, 10), st.integers(0, 7)), min_size=1, max_size=8), st.randoms())
def test_the_order_of_terms_does_not_matter(terms: list[tuple[float, int]], random: object) -> None:
    parts = [(weight, axis(number)) for weight, number in terms]
    there = combined(parts)
    random.shuffle(parts)  # type: ignore[attr-defined]
    np.testing.assert_allclose(combined(parts), there, atol=1e-5)
    assert np.linalg.norm(there) == pytest.approx(1.0, abs=1e-5)
    assert there.dtype == np.float32


def test_unit_vectors_are_float32() -> None:
    assert unit(np.array([0.0, 3.0, 4.0])).tolist() == pytest.approx([0, 0.6, 0.8])
    assert unit(np.ones(3)).dtype == np.float32
