import array
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_bundle import unit_vectors

from omnibind_ros.errors import MessageError
from omnibind_ros.inference.embedding import Embedding
from omnibind_ros.modality import Modality
from omnibind_ros.pipeline.recognition import Contribution, Recognition
from omnibind_ros.recognition.recogniser import Answer, Hypothesis
from omnibind_ros.results.evidence import Evidence, evidence_from_message, message_from_evidence

messages = pytest.importorskip("sensor_msgs.msg", reason="needs sensor_msgs: run `make setup`")
NOW = 1_700_000_000_123_456_789
MUG = Hypothesis("mug", 0.9)


def member(source: str, modality: Modality | None = Modality.IMAGE, *, stamp_ns: int = NOW, seed: int = 1) -> Embedding:
    return Embedding(source, modality, unit_vectors(1, seed=seed)[0], 0.75, stamp_ns, "", 0xDEADBEEF)


def evidence(*members: Embedding) -> Evidence:
    weights = tuple(float(np.float32(1 / len(members))) for _ in members)
    return Evidence(NOW, "camera_link", members, weights)


@settings(max_examples=40, deadline=None)
@given(
    names=st.lists(st.from_regex("[A-Za-z][A-Za-z0-9_]{0,30}", fullmatch=True), min_size=1, max_size=8, unique=True),
    modality=st.sampled_from(Modality),
    stamp_ns=st.integers(-(2**31) * 10**9, 2**31 * 10**9 - 1),
)
def test_evidence_survives_the_wire(names: list[str], modality: Modality, stamp_ns: int) -> None:
    sent = evidence(*(member(name, modality, stamp_ns=stamp_ns, seed=seed) for seed, name in enumerate(names)))
    received = evidence_from_message(message_from_evidence(sent))
    assert (received.stamp_ns, received.frame_id, received.weights) == (sent.stamp_ns, sent.frame_id, sent.weights)
    for one, other in zip(received.members, sent.members, strict=True):
        np.testing.assert_array_equal(one.vector, other.vector)
        for name in ("source", "modality", "quality", "stamp_ns", "space"):
            assert getattr(one, name) == getattr(other, name)


def test_the_evidence_of_a_recognition_is_what_was_fused_in_that_order() -> None:
    members = {name: member(name) for name in ("camera", "arm", "lidar")}
    contributions = {name: Contribution(0.25, embedding, lambda: MUG) for name, embedding in members.items()}
    recognition = Recognition(NOW, "eye", Answer((MUG,), abstained=False), np.ones(1, np.float32), contributions)
    found = Evidence.of(recognition)
    assert (found.stamp_ns, found.frame_id, found.weights) == (NOW, "eye", (0.25, 0.25, 0.25))
    assert found.members == tuple(members.values())


def cut_short(message: Any) -> None:
    message.data = array.array("B", message.data[:-1])


def no_rows(message: Any) -> None:
    message.width = 0
    message.data = array.array("B")


def long_names(message: Any) -> None:
    message.fields[-1].count = 2**31


def no_unit_vector(message: Any) -> None:
    message.data[3] = 0x7F


@pytest.mark.parametrize("damage", [cut_short, no_rows, long_names, no_unit_vector])
def test_any_other_table_is_refused(damage: Any) -> None:
    message = message_from_evidence(evidence(member("camera"), member("lidar", Modality.POINT)))
    damage(message)
    with pytest.raises(MessageError):
        evidence_from_message(message)


def test_what_cannot_have_been_fused_is_refused() -> None:
    for impossible in (evidence(member("camera"), member("camera")), evidence(member("fused", None))):
        with pytest.raises(MessageError, match="not the evidence"):
            evidence_from_message(message_from_evidence(impossible))
