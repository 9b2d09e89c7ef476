"""The header of a message: when, and in which frame."""

from typing import Any

NANOSECONDS = 1_000_000_000


def stamp_ns_of(message: Any) -> int | None:
    """The message's stamp in nanoseconds; None when it has no header, or a driver left the stamp at zero."""
    header = getattr(message, "header", None)
    if header is None:
        return None
    return header.stamp.sec * NANOSECONDS + header.stamp.nanosec or None


def frame_of(message: Any) -> str:
    """The message's frame, empty when it has no header."""
    header = getattr(message, "header", None)
    return "" if header is None else str(header.frame_id)


def set_header(message: Any, stamp_ns: int, frame_id: str) -> None:
    """Write stamp and frame into a message that has a header."""
    message.header.stamp.sec, message.header.stamp.nanosec = divmod(stamp_ns, NANOSECONDS)
    message.header.frame_id = frame_id
