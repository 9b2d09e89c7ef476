from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from omnibind_ros.errors import MessageError
from omnibind_ros.fusion.source_state import SourceState
from omnibind_ros.inference.embedding import Embedding
from omnibind_ros.modality import Modality
from omnibind_ros.pipeline.recognition import Contribution
from omnibind_ros.pipeline.source import SourceReport
from omnibind_ros.recognition.recogniser import Hypothesis
from omnibind_ros.results.sources import message_from_reports, reports_from_message

diagnostics = pytest.importorskip("diagnostic_msgs.msg", reason="needs diagnostic_msgs: run `make setup`")
EMBEDDING = Embedding("camera", Modality.IMAGE, np.ones(1, np.float32), 1.0, 5, "camera_link", 7)


def report(source: str = "camera", state: SourceState = SourceState.LIVE, **changes: Any) -> SourceReport:
    fields = {
        "source": source,
        "modality": Modality.IMAGE,
        "topic": "camera/image_raw",
        "state": state,
        "reason": "data is arriving",
        "age_s": 0.0314,
        "rate_hz": 29.97,
        "latency_s": 0.0125,
        "quality": 0.5,
        "dropped": 3,
        "errors": 1,
        "ttl_s": 0.5,
        "encoders": ("/encoder on arm",),
    }
    return SourceReport(**{**fields, **changes})


def values(status: Any) -> dict[str, str]:
    return {pair.key: pair.value for pair in status.values}


def test_a_source_that_contributed_tells_everything() -> None:
    contributions = {"camera": Contribution(0.75, EMBEDDING, lambda: Hypothesis("mug", 0.9))}
    message = message_from_reports([report()], contributions, stamp_ns=5_000_000_000)
    (status,) = message.status
    assert message.header.stamp.sec == 5
    assert (status.name, status.message) == ("camera", "live: data is arriving")
    assert values(status) == {
        "state": "live",
        "modality": "image",
        "topic": "camera/image_raw",
        "age_s": "0.031",
        "rate_hz": "30.0",
        "latency_ms": "12.500",
        "quality": "0.500",
        "dropped": "3",
        "errors": "1",
        "ttl_s": "0.500",
        "encoders": "/encoder on arm",
        "weight": "0.750",
        "label": "mug",
        "score": "0.900",
    }


def test_what_is_not_known_is_left_empty() -> None:
    absent = report(state=SourceState.ABSENT, age_s=None, latency_s=None, quality=None, rate_hz=0.0)
    shown = values(message_from_reports([absent], {}, stamp_ns=0).status[0])
    assert {shown[key] for key in ("age_s", "latency_ms", "quality", "weight", "label", "score")} == {""}


@pytest.mark.parametrize("state", SourceState)
def test_only_what_needs_a_person_is_an_error(state: SourceState) -> None:
    status = message_from_reports([report(state=state)], {}, stamp_ns=0).status[0]
    fine = {SourceState.LIVE, SourceState.DISABLED}
    broken = {SourceState.FROZEN, SourceState.FAULTY}
    levels = diagnostics.DiagnosticStatus
    expected = levels.OK if state in fine else levels.ERROR if state in broken else levels.WARN
    assert status.level == expected


def test_a_source_that_two_encoders_offer_is_a_warning() -> None:
    twice = [report(encoders=("arm", "base")), report(state=SourceState.FAULTY, encoders=("arm", "base"))]
    message = message_from_reports(twice, {}, stamp_ns=0)
    levels = diagnostics.DiagnosticStatus
    assert [status.level for status in message.status] == [levels.WARN, levels.ERROR]
    assert [one.encoders for one in reports_from_message(message)] == [("arm", "base"), ("arm", "base")]


def test_sources_come_in_the_order_given() -> None:
    message = message_from_reports([report("b"), report("a")], {}, stamp_ns=0)
    assert [status.name for status in message.status] == ["b", "a"]


@pytest.mark.parametrize("state", SourceState)
def test_what_was_told_can_be_read_elsewhere(state: SourceState) -> None:
    told = [
        report("camera", state, age_s=0.031, rate_hz=30.0),
        report("new", state, age_s=None, latency_s=None, encoders=()),
    ]
    assert reports_from_message(message_from_reports(told, {}, stamp_ns=0)) == [told[0], replace(told[1], rate_hz=30.0)]


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("state", "asleep"),
        ("modality", "smell"),
        ("age_s", "nan"),
        ("age_s", "-1"),
        ("rate_hz", "1e999"),
        ("errors", ""),
        ("dropped", "many"),
    ],
)
def test_a_status_of_something_else_is_refused_by_name(key: str, text: str) -> None:
    message = message_from_reports([report()], {}, stamp_ns=0)
    next(pair for pair in message.status[0].values if pair.key == key).value = text
    with pytest.raises(MessageError, match=r"^camera: the status is not one of a source"):
        reports_from_message(message)
