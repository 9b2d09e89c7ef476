import math

import pytest

from omnibind_ros.recognition.recogniser import Hypothesis
from omnibind_ros.replay.decisions import TOLERANCE, Again, Decision, Said, paired


def said(stamp_ns: int, label: str = "mug", *scores: float) -> Said:
    return Said(stamp_ns, stamp_ns + 5, tuple(Hypothesis(label, score) for score in scores or (0.9,)))


def again(stamp_ns: int, label: str = "mug", *scores: float, weight: float = 1.0) -> Again:
    hypotheses = tuple(Hypothesis(label, score) for score in scores or (0.9,))
    return Again(stamp_ns, hypotheses, ((1.0, weight),), {"camera": stamp_ns})


@pytest.mark.parametrize(
    ("found", "same"),
    [
        (again(1), True),
        (again(1, "mug", 0.9 + TOLERANCE / 2), True),
        (again(1, "mug", 0.9 + TOLERANCE * 2), False),
        (again(1, "mug", 0.9, weight=0.9), False),
        (again(1, "hammer"), False),
        (again(1, "mug", 0.9, 0.1), False),
        (again(1, "mug", math.nan), False),
    ],
)
def test_a_decision_is_the_same_by_its_label_scores_and_weights(found: Again, same: bool) -> None:
    decision = Decision(said(1), found)
    assert decision.same is same
    assert 0.0 <= decision.difference <= 1.0


def test_a_recognition_goes_with_the_evidence_of_its_stamp_and_order() -> None:
    result = paired([said(1), said(2, "cup"), said(2, "jar")], [again(2, "cup"), again(1), again(2, "jar")])
    assert [(one.said.stamp_ns, one.same) for one in result.decisions] == [(1, True), (2, True), (2, True)]
    assert (result.without_evidence, result.without_recognition) == (0, 0)


def test_where_one_of_a_stamp_is_missing_none_is_judged() -> None:
    result = paired([said(1), said(2), said(2), said(3)], [again(1), again(2), again(4)])
    assert [one.said.stamp_ns for one in result.decisions] == [1]
    assert (result.without_evidence, result.without_recognition) == (3, 2)
