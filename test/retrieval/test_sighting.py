from seen import axis

from omnibind_ros.inference.embedding import Embedding
from omnibind_ros.modality import Modality
from omnibind_ros.pipeline.recognition import Contribution, Recognition
from omnibind_ros.recognition.recogniser import Answer, Hypothesis
from omnibind_ros.retrieval.sighting import LONGEST_NAME, Sighting


def embedding(source: str, modality: Modality) -> Embedding:
    return Embedding(source, modality, axis(0), 1.0, 3, source, 7)


def test_a_recognition_leaves_its_vector_its_best_label_and_its_modalities() -> None:
    best, second = Hypothesis("mug", 0.8), Hypothesis("cup", 0.1)
    made_of = [embedding("camera", Modality.IMAGE), embedding("rear", Modality.IMAGE), embedding("mic", Modality.AUDIO)]
    contributions = {one.source: Contribution(1 / 3, one, lambda: best) for one in made_of}
    seen = Sighting.of(Recognition(3, "mic", Answer((best, second), abstained=False), axis(1), contributions), 7)
    assert (seen.space, seen.stamp_ns, seen.frame_id, seen.label, seen.score) == (7, 3, "mic", "mug", 0.8)
    assert seen.modalities == {Modality.IMAGE, Modality.AUDIO}
    assert (seen.vector == axis(1)).all()


def test_names_are_of_bounded_length() -> None:
    best = Hypothesis("m" * 10_000, 0.8)
    seen = Sighting.of(Recognition(3, "f" * 10_000, Answer((best,), abstained=False), axis(1), {}), 7)
    assert (len(seen.label), len(seen.frame_id)) == (LONGEST_NAME, LONGEST_NAME)
