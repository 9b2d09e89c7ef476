import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from tiny_bundle import unit_vectors, write_tiny_bundle

from omnibind_ros.inference.embedding import Embedding
from omnibind_ros.modality import Modality
from omnibind_ros.pipeline.recognition import RecognitionPipeline
from omnibind_ros.pipeline.resources import backend_maker
from training.few_shot.examples import Example
from training.few_shot.views import folds, fused_views, shared_groups

SENSORS = (Modality.IMAGE, Modality.THERMAL, Modality.AUDIO)


def example(number: int, label: str, group: str, sensors: int = 3, space: int = 0) -> Example:
    vectors = unit_vectors(sensors, seed=number)
    embeddings = tuple(
        Embedding(str(m), m, vector, 1.0, 0, "", space) for m, vector in zip(SENSORS, vectors, strict=False)
    )
    return Example(f"{label}/{number}", label, group, False, embeddings)


def test_each_sensor_alone_some_and_all_are_fused_as_the_robot_does(tmp_path):
    bundle = write_tiny_bundle(tmp_path / "tiny")
    one = example(1, "lamp", "a", space=bundle.space)
    views = fused_views([one], bundle, ("mug", "lamp"), 1, 0)
    assert views.members_V.tolist() == [1, 1, 1, 2, 3]
    assert views.sensors_V.tolist()[-1] == "image+thermal+audio"
    assert set(views.label_V.tolist()) == {1}
    pipeline = RecognitionPipeline(bundle, backend_maker(1), most_labels=2)
    np.testing.assert_allclose(views.vector_VD[-1], pipeline.answer(one.embeddings).vector, atol=1e-6)


def test_folds_keep_groups_whole_and_spread_labels():
    examples = [example(number, label, f"{label} {number // 2}") for label in ("lamp", "key") for number in range(10)]
    fold = dict(zip([one.id for one in examples], folds(examples, 0), strict=True))
    for label in ("lamp", "key"):
        assert {fold[f"{label}/{number}"] for number in range(10)} == set(range(5))
        assert all(fold[f"{label}/{number}"] == fold[f"{label}/{number + 1}"] for number in range(0, 10, 2))
    assert shared_groups(examples) == []


def test_a_label_of_one_recording_is_split_all_the_same_and_named():
    examples = [example(number, "lamp", "one walk") for number in range(5)]
    assert len(set(folds(examples, 0))) == 5
    assert shared_groups(examples) == ["lamp"]
