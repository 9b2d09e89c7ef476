"""The state of the sources to `diagnostic_msgs/DiagnosticArray`, one status a source, and back."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from omnibind_ros.errors import MessageError
from omnibind_ros.fusion.source_state import SourceState
from omnibind_ros.messages.header import set_header
from omnibind_ros.modality import Modality
from omnibind_ros.pipeline.recognition import Contribution
from omnibind_ros.pipeline.source import SourceReport

# By the convention of diagnostic tools: what a robot can live with is a warning, what needs a person is an error.
_LEVELS = {
    SourceState.LIVE: b"\x00",
    SourceState.DISABLED: b"\x00",
    SourceState.ABSENT: b"\x01",
    SourceState.WAITING: b"\x01",
    SourceState.BUILDING: b"\x01",
    SourceState.STALE: b"\x01",
    SourceState.FROZEN: b"\x02",
    SourceState.FAULTY: b"\x02",
}

_WARNING = b"\x01"
_BETWEEN = ", "


def message_from_reports(
    reports: Sequence[SourceReport], contributions: Mapping[str, Contribution], *, stamp_ns: int
) -> Any:
    """A `DiagnosticArray`: message = state and why; values = everything a tool may want to plot, as text."""
    from diagnostic_msgs.msg import DiagnosticArray  # noqa: PLC0415 (pure code must import without ROS)

    message = DiagnosticArray()
    set_header(message, stamp_ns, "")
    message.status = [_status(report, contributions.get(report.source)) for report in reports]
    return message


def reports_from_message(message: Any) -> list[SourceReport]:
    """What a `DiagnosticArray` that `message_from_reports` made, here or on another computer, tells of its sources.

    Raises MessageError for any other.
    """
    return [_report(status) for status in message.status]


def _report(status: Any) -> SourceReport:
    values = {entry.key: entry.value for entry in status.values}
    try:
        return SourceReport(
            source=status.name,
            modality=Modality(values["modality"]),
            topic=values["topic"],
            state=SourceState(values["state"]),
            reason=status.message.partition(": ")[2],
            age_s=_from_number(values["age_s"]),
            rate_hz=_from_number(values["rate_hz"]) or 0.0,
            latency_s=_from_number(values["latency_ms"], scale=1e-3),
            quality=_from_number(values["quality"]),
            dropped=int(values["dropped"]),
            errors=int(values["errors"]),
            ttl_s=_from_number(values["ttl_s"]) or 0.0,
            encoders=tuple(filter(None, values["encoders"].split(_BETWEEN))),
        )
    except (KeyError, ValueError) as error:
        raise MessageError(
            f"the status is not one of a source: {error}",
            remedy="let only omnibind_ros encoders of the same version publish `encoder_status`",
            source=status.name,
        ) from error


def _status(report: SourceReport, contribution: Contribution | None) -> Any:
    from diagnostic_msgs.msg import DiagnosticStatus, KeyValue  # noqa: PLC0415

    alone = contribution.alone() if contribution else None
    values = {
        "state": str(report.state),
        "modality": str(report.modality),
        "topic": report.topic,
        "age_s": _number(report.age_s),
        "rate_hz": f"{report.rate_hz:.1f}",
        "latency_ms": _number(None if report.latency_s is None else report.latency_s * 1000),
        "quality": _number(report.quality),
        "dropped": str(report.dropped),
        "errors": str(report.errors),
        "ttl_s": _number(report.ttl_s),
        "encoders": _BETWEEN.join(report.encoders),
        "weight": _number(contribution.weight if contribution else None),
        "label": alone.label if alone else "",
        "score": _number(alone.score if alone else None),
    }
    return DiagnosticStatus(
        level=max(_LEVELS[report.state], _WARNING if len(report.encoders) > 1 else _LEVELS[SourceState.LIVE]),
        name=report.source,
        message=f"{report.state}: {report.reason}",
        hardware_id=report.topic,
        values=[KeyValue(key=key, value=value) for key, value in values.items()],
    )


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _from_number(text: str, *, scale: float = 1.0) -> float | None:
    number = float(text) * scale if text else None
    if number is not None and not (math.isfinite(number) and number >= 0):
        raise ValueError(f"{text} is no measurement")
    return number
