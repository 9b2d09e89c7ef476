"""The health of a node to `diagnostic_msgs/DiagnosticArray`, for `/diagnostics`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from omnibind_ros.messages.header import set_header


@dataclass(frozen=True, slots=True)
class NodeHealth:
    """What `/diagnostics` says of a node: its task, one line, whether it is a warning, and details."""

    node: str
    summary: str
    warning: bool
    details: Mapping[str, str]
    task: str = "recognition"


def message_from_health(health: NodeHealth, *, stamp_ns: int) -> Any:
    """A `DiagnosticArray` with the node's one status."""
    from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue  # noqa: PLC0415 (imports without ROS)

    message = DiagnosticArray()
    set_header(message, stamp_ns, "")
    message.status = [
        DiagnosticStatus(
            level=DiagnosticStatus.WARN if health.warning else DiagnosticStatus.OK,
            name=f"{health.node}: {health.task}",
            message=health.summary,
            values=[KeyValue(key=key, value=text) for key, text in health.details.items()],
        )
    ]
    return message
