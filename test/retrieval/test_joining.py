from itertools import permutations

import pytest
from seen import SPACE, axis

from omnibind_ros.inference.embedding import Embedding
from omnibind_ros.modality import Modality
from omnibind_ros.recognition.recogniser import Hypothesis
from omnibind_ros.retrieval.joining import Joiner
from omnibind_ros.retrieval.sighting import Sighting

CAMERA = Embedding("camera", Modality.IMAGE, axis(0), 1.0, 5, "camera", SPACE)


def take(joiner: Joiner, part: str, stamp_ns: int) -> Sighting | None:
    if part == "fused":
        return joiner.fused(Embedding("fused", None, axis(1), 1.0, stamp_ns, "camera", SPACE))
    if part == "named":
        return joiner.named(Hypothesis("mug", 0.7), stamp_ns)
    return joiner.made_of([CAMERA], stamp_ns)


@pytest.mark.parametrize("order", [*permutations(("fused", "named", "made_of"))])
def test_the_topics_of_one_moment_become_a_sighting_in_whatever_order_they_come(order: tuple[str, ...]) -> None:
    joiner = Joiner()
    assert take(joiner, order[0], 5) is None
    assert take(joiner, order[0], 6) is None
    assert take(joiner, order[1], 5) is None
    seen = take(joiner, order[2], 5)
    assert seen is not None
    assert (seen.stamp_ns, seen.frame_id, seen.label, seen.score, seen.space) == (5, "camera", "mug", 0.7, SPACE)
    assert seen.modalities == {Modality.IMAGE}
    assert (seen.vector == axis(1)).all()
    assert take(joiner, order[2], 5) is None


def test_what_stays_incomplete_is_forgotten() -> None:
    joiner = Joiner()
    for stamp_ns in range(1000):
        take(joiner, "fused", stamp_ns)
    assert len(joiner._moments) <= 16
    assert take(joiner, "named", 0) is None
    assert take(joiner, "made_of", 0) is None
    assert take(joiner, "made_of", 999) is None
    assert take(joiner, "named", 999) is not None
