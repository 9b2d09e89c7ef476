"""The memory's answer to a question to `diagnostic_msgs/DiagnosticArray`: a status for the question, then one a hit."""

from collections.abc import Sequence
from typing import Any

from omnibind_ros.errors import OmnibindError
from omnibind_ros.messages.header import NANOSECONDS, set_header
from omnibind_ros.retrieval.memory import Hit


def message_from_hits(question: str, hits: Sequence[Hit], *, remembered: int, stamp_ns: int) -> Any:
    """A `DiagnosticArray`: the first status has the question as its name, then come the hits, best first.

    A hit's status has the label as its name and the frame as its `hardware_id`; times are in seconds of ROS time.
    remembered: how many entries were searched.
    """
    from diagnostic_msgs.msg import DiagnosticStatus, KeyValue  # noqa: PLC0415 (pure code must import without ROS)

    found = [
        DiagnosticStatus(
            level=DiagnosticStatus.OK,
            name=hit.entry.label,
            message=f"seen {hit.entry.count} times, last at {_seconds(hit.entry.last_ns)}",
            hardware_id=hit.entry.frame_id,
            values=[KeyValue(key=key, value=value) for key, value in _values(hit).items()],
        )
        for hit in hits
    ]
    told = DiagnosticStatus(
        level=DiagnosticStatus.OK, name=question, message=f"{len(hits)} of {remembered} things that were seen"
    )
    return _array([told, *found], stamp_ns)


def message_from_refusal(question: str, error: OmnibindError, *, stamp_ns: int) -> Any:
    """A `DiagnosticArray` of one status of level ERROR, whose message says why there is no answer."""
    from diagnostic_msgs.msg import DiagnosticStatus  # noqa: PLC0415

    return _array([DiagnosticStatus(level=DiagnosticStatus.ERROR, name=question, message=str(error))], stamp_ns)


def _array(statuses: list[Any], stamp_ns: int) -> Any:
    from diagnostic_msgs.msg import DiagnosticArray  # noqa: PLC0415

    message = DiagnosticArray()
    set_header(message, stamp_ns, "")
    message.status = statuses
    return message


def _values(hit: Hit) -> dict[str, str]:
    entry = hit.entry
    return {
        "similarity": f"{hit.similarity:.4f}",
        "score": f"{entry.score:.3f}",
        "first_seen": _seconds(entry.first_ns),
        "last_seen": _seconds(entry.last_ns),
        "count": str(entry.count),
        "frame_id": entry.frame_id,
        "modalities": ", ".join(str(one) for one in sorted(entry.modalities, key=lambda one: one.code)),
        "entry": str(entry.number),
    }


def _seconds(time_ns: int) -> str:
    """Exact, where a float would lose nanoseconds."""
    return f"{time_ns // NANOSECONDS}.{time_ns % NANOSECONDS:09d}"
