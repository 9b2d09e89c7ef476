import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from omnibind_ros.recognition.calibration import Calibration

similarities = arrays(np.float32, st.integers(2, 30), elements=st.floats(-1, 1, width=32))


@given(similarity=similarities, temperature=st.floats(1e-3, 100), members=st.integers(0, 20))
def test_scores_are_probabilities_in_the_order_of_the_similarities(
    similarity: np.ndarray, temperature: float, members: int
) -> None:
    scores = Calibration([temperature], [0.5]).scores(similarity, members)
    assert scores.sum() == pytest.approx(1.0)
    assert ((scores >= 0) & (scores <= 1)).all()
    assert (np.diff(scores[np.argsort(similarity, kind="stable")]) >= 0).all()


def test_a_lower_temperature_is_more_certain() -> None:
    similarity = np.array([0.5, 0.3, 0.1], np.float32)
    calibration = Calibration([0.5, 0.05], [0.0])
    assert calibration.scores(similarity, 2).max() > calibration.scores(similarity, 1).max()


@pytest.mark.parametrize(("members", "threshold"), [(0, 0.9), (1, 0.9), (2, 0.5), (3, 0.1), (50, 0.1)])
def test_thresholds_go_by_the_number_of_members_and_the_last_holds_for_more(members: int, threshold: float) -> None:
    calibration = Calibration([1.0], [0.9, 0.5, 0.1])
    assert calibration.abstains(threshold - 0.01, members)
    assert not calibration.abstains(threshold, members)
