from dataclasses import replace

import numpy as np
import pytest
from recorded_bag import START_NS, frame, text

from omnibind_ros.fusion.source_state import NANOSECONDS
from omnibind_ros.inference.bundle import Bundle
from omnibind_ros.inference.embedding import Embedding
from omnibind_ros.pipeline.encoding import EncodingPipeline
from omnibind_ros.pipeline.resources import backend_maker
from omnibind_ros.replay.bag import Recorded, Topic
from omnibind_ros.replay.configuration import configuration
from omnibind_ros.replay.reencoding import Reencoded, Reencoding

SOURCES = configuration(
    {
        "sources": ["camera", "thermal"],
        "camera.modality": "image",
        "camera.topic": "/eye",
        "thermal.modality": "thermal",
        "thermal.topic": "/heat",
    }
).sources
EYE = Topic("/eye", "sensor_msgs/msg/Image", 9)


def recorded(stamp_ns: int, message: object = None) -> Recorded:
    return Recorded(EYE, stamp_ns, message or frame(stamp_ns))


def embedding_of(bundle: Bundle, stamp_ns: int) -> Embedding:
    pipeline = EncodingPipeline(bundle, backend_maker(1), lambda: 0.0)
    pipeline.add_source(SOURCES[0]).receive(frame(stamp_ns), stamp_ns, 0.0)
    (embedding,) = pipeline.step(stamp_ns, wanted=True).embeddings
    pipeline.close()
    return embedding


@pytest.fixture
def reencoding(bundle: Bundle) -> Reencoding:
    return Reencoding(bundle, SOURCES, backend_maker(1))


def test_the_embedding_of_a_recorded_frame_is_found_again(reencoding: Reencoding, bundle: Bundle) -> None:
    assert not reencoding.takes(EYE)
    one, other, missing = (START_NS + number * NANOSECONDS for number in (0, 1, 2))
    wrong = embedding_of(bundle, other)
    for embedding in (
        embedding_of(bundle, one),
        embedding_of(bundle, one),
        replace(wrong, vector=-wrong.vector),
        replace(wrong, stamp_ns=missing),
    ):
        reencoding.fused(embedding)
    assert reencoding.takes(EYE)
    assert not reencoding.takes(Topic("/eye", "std_msgs/msg/String", 1))
    for stamp_ns in (one, one + 1, other):
        reencoding.hear(recorded(stamp_ns))
    reencoding.hear(recorded(one, frame(one, encoding="smell8")))
    found = reencoding.found()
    assert set(found) == {"camera"}
    assert (found["camera"].fused, found["camera"].in_bag, found["camera"].same) == (3, 2, 1)
    assert found["camera"].largest_difference > 0.1


def test_one_of_the_frames_with_a_stamp_is_enough(reencoding: Reencoding, bundle: Bundle) -> None:
    reencoding.fused(embedding_of(bundle, START_NS))
    dark = frame(START_NS, data=bytes(len(frame(START_NS).data)))
    for message in (dark, frame(START_NS), dark):
        reencoding.hear(recorded(START_NS, message))
    assert reencoding.found() == {"camera": Reencoded(1, 1, 1, pytest.approx(0.0, abs=1e-6))}


def test_what_depends_on_more_than_one_message_is_not_checked(reencoding: Reencoding, bundle: Bundle) -> None:
    embedding = embedding_of(bundle, START_NS)
    for other in (replace(embedding, source="thermal"), replace(embedding, source="stranger")):
        reencoding.fused(other)
    assert reencoding.found() == {}
    reencoding.hear(Recorded(Topic("/prompt", "std_msgs/msg/String", 1), START_NS, text("a mug")))


def test_the_vector_of_another_computer_may_differ_in_its_last_digits(reencoding: Reencoding, bundle: Bundle) -> None:
    embedding = embedding_of(bundle, START_NS)
    reencoding.fused(replace(embedding, vector=embedding.vector + np.float32(1e-4)))
    reencoding.hear(recorded(START_NS))
    assert reencoding.found()["camera"].same == 1
