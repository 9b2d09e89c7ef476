import pytest

pytest.importorskip("diagnostic_msgs", reason="needs ROS 2: run `make setup`")

from diagnostic_msgs.msg import DiagnosticStatus
from seen import axis

from omnibind_ros.errors import QuestionError
from omnibind_ros.modality import Modality
from omnibind_ros.results.hits import message_from_hits, message_from_refusal
from omnibind_ros.retrieval.memory import Hit
from omnibind_ros.retrieval.store import Entry

MODALITIES = frozenset({Modality.THERMAL, Modality.IMAGE})
ENTRY = Entry(4, axis(0), 1_700_000_000_000_000_001, 1_700_000_060_500_000_000, 12, "camera", "mug", 0.75, MODALITIES)


def test_a_hit_tells_what_when_where_and_how_similar() -> None:
    message = message_from_hits("red cup", [Hit(ENTRY, 0.87654)], remembered=30, stamp_ns=5_000_000_007)
    assert (message.header.stamp.sec, message.header.stamp.nanosec) == (5, 7)
    question, hit = message.status
    assert (question.level, question.name, question.message) == (
        DiagnosticStatus.OK, "red cup", "1 of 30 things that were seen",
    )  # fmt: skip
    assert (hit.level, hit.name, hit.hardware_id) == (DiagnosticStatus.OK, "mug", "camera")
    assert hit.message == "seen 12 times, last at 1700000060.500000000"
    assert {entry.key: entry.value for entry in hit.values} == {
        "similarity": "0.8765",
        "score": "0.750",
        "first_seen": "1700000000.000000001",
        "last_seen": "1700000060.500000000",
        "count": "12",
        "frame_id": "camera",
        "modalities": "image, thermal",
        "entry": "4",
    }


def test_a_refusal_says_why_and_what_to_do() -> None:
    message = message_from_refusal("@lidar", QuestionError("it is not live", remedy="plug it"), stamp_ns=0)
    (told,) = message.status
    assert (told.level, told.name, told.message) == (DiagnosticStatus.ERROR, "@lidar", "it is not live (plug it)")
