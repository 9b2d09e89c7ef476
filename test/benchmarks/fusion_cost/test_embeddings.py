import numpy as np

from benchmarks.fusion_cost import embeddings
from benchmarks.robot import default_bundle
from omnibind_ros.pipeline.recognition import RecognitionPipeline
from omnibind_ros.pipeline.resources import backend_maker


def test_many_sources_agree_on_one_label() -> None:
    bundle = default_bundle()
    members = embeddings(bundle, 32)
    assert len({one.source for one in members}) == 32
    assert {one.modality for one in members} == set(bundle.modalities)
    assert all(np.isclose(np.linalg.norm(one.vector), 1.0) for one in members)
    recognition = RecognitionPipeline(bundle, backend_maker(1), most_labels=5).answer(members)
    assert recognition.answer.best.label == bundle.description.labels.names[0]
