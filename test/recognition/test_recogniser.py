from pathlib import Path

import numpy as np
import pytest
from tiny_bundle import LABELS, unit_vectors, write_tiny_bundle

from omnibind_ros.recognition.calibration import Calibration
from omnibind_ros.recognition.label_bank import LabelBank
from omnibind_ros.recognition.recogniser import UNKNOWN, Recogniser

CENTRES = unit_vectors(4)[:, None]


def recogniser(*, threshold: float = 0.0, most: int = 10) -> Recogniser:
    return Recogniser(LabelBank(LABELS, CENTRES), Calibration([0.05], [threshold]), most=most)


@pytest.mark.parametrize("index", range(4))
def test_the_centre_of_a_label_is_recognised_as_it(index: int) -> None:
    answer = recogniser().recognise(CENTRES[index, 0], 1)
    assert answer.best.label == LABELS[index]
    assert not answer.abstained


def test_hypotheses_fall_in_score_and_sum_to_one() -> None:
    scores = [one.score for one in recogniser().recognise(unit_vectors(1, seed=5)[0], 1).hypotheses]
    assert scores == sorted(scores, reverse=True)
    assert sum(scores) == pytest.approx(1.0)


@pytest.mark.parametrize(("most", "expected"), [(1, 1), (3, 3), (100, 4)])
def test_an_answer_holds_no_more_labels_than_asked(most: int, expected: int) -> None:
    assert len(recogniser(most=most).recognise(CENTRES[0, 0], 1).hypotheses) == expected


def test_when_it_is_not_sure_it_says_unknown_first_and_its_guesses_after() -> None:
    vector = unit_vectors(1, seed=5)[0]
    sure = recogniser().recognise(vector, 1)
    unsure = recogniser(threshold=1.0).recognise(vector, 1)
    assert unsure.abstained
    assert unsure.best.label == UNKNOWN
    assert unsure.best.score == pytest.approx(1 - sure.best.score)
    assert unsure.hypotheses[1:] == sure.hypotheses


def test_alone_a_source_names_its_likeliest_label_however_unsure() -> None:
    vector = unit_vectors(1, seed=5)[0]
    unsure = recogniser(threshold=1.0)
    assert unsure.recognise(vector, 1).abstained
    assert unsure.best_alone(vector) == recogniser().recognise(vector, 1).best


def test_it_is_made_from_a_bundle(tmp_path: Path) -> None:
    bundle = write_tiny_bundle(tmp_path / "tiny")
    answer = Recogniser.from_bundle(bundle, most=2).recognise(np.asarray(bundle.centres_KkD[2, 0]), 1)
    assert answer.best.label == LABELS[2]
    assert len(answer.hypotheses) == 2
