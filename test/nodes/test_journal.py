from collections.abc import Callable

import pytest

pytest.importorskip("rclpy", reason="needs ROS 2: run `make setup`")

from omnibind_ros.errors import MessageError
from omnibind_ros.fusion.source_state import SourceState, Transition
from omnibind_ros.nodes.journal import Journal


class Log:
    """Notes what a logger is given, by severity."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str]] = []

    def __getattr__(self, severity: str) -> Callable[[str], None]:
        return lambda text: self.lines.append((severity, text))


@pytest.fixture
def log() -> Log:
    return Log()


def test_an_error_is_told_once_whatever_numbers_are_in_it(log: Log) -> None:
    journal = Journal(log)
    for size in range(10):
        journal.tell_once(MessageError(f"{size} bytes of data", remedy="fix it", source="camera"))
    journal.tell_once(MessageError("another problem", remedy="fix it", source="camera"))
    journal.tell_once(ValueError("no error of ours"))
    assert log.lines == [
        ("error", "camera: 0 bytes of data (fix it)"),
        ("error", "camera: another problem (fix it)"),
        ("error", "ValueError: no error of ours"),
    ]


def test_ever_new_errors_do_not_fill_the_memory_or_the_log(log: Log) -> None:
    journal = Journal(log)
    for number in range(1000):
        word = "".join(chr(ord("a") + int(digit)) for digit in str(number))
        journal.tell_once(MessageError(f"unknown encoding {word}", remedy="fix it", source="camera"))
    assert 0 < len(log.lines) < 300


@pytest.mark.parametrize(
    ("after", "severity"),
    [
        (SourceState.LIVE, "info"),
        (SourceState.DISABLED, "info"),
        (SourceState.STALE, "warning"),
        (SourceState.FAULTY, "warning"),
    ],
)
def test_a_change_of_state_is_told_with_its_reason(log: Log, after: SourceState, severity: str) -> None:
    Journal(log).tell_transition(Transition("camera", SourceState.WAITING, after, "so it is"))
    assert log.lines == [(severity, f"camera: waiting -> {after}: so it is")]
