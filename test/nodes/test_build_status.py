from typing import Any

import pytest

from omnibind_ros.inference.engines.build_progress import BuildProgress, BuildState
from omnibind_ros.nodes.build_status import BuildStatus


class Log:
    def __init__(self) -> None:
        self.lines: list[tuple[str, str]] = []

    def __getattr__(self, severity: str) -> Any:
        return lambda text: self.lines.append((severity, text))


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
def status(log: Log) -> BuildStatus:
    return BuildStatus(log)


def test_every_transition_is_logged_once(status: BuildStatus, log: Log) -> None:
    for state, share in (("waiting", 0.0), ("building", 0.0), ("building", 0.4), ("ready", 1.0), ("ready", 1.0)):
        status.report(BuildProgress("tiny/image", BuildState(state), share))
    assert [severity for severity, _ in log.lines] == ["info"] * 3
    assert [text.partition(": ")[0] for _, text in log.lines] == ["tiny/image"] * 3


def test_a_failure_is_a_warning_with_its_remedy(status: BuildStatus, log: Log) -> None:
    failed = BuildProgress("tiny/image", BuildState.FAILED, problem="image.onnx: no kernel (choose fp32)")
    for _ in range(2):
        status.report(failed)
    assert log.lines == [
        ("warning", "tiny/image: ONNX Runtime goes on running it: image.onnx: no kernel (choose fp32)")
    ]
    assert status.failed == ("image",)
    status.report(BuildProgress("tiny/image", BuildState.READY, 1.0))
    assert status.failed == ()


def test_the_diagnostics_tell_of_every_engine(status: BuildStatus) -> None:
    assert status.details() == {}
    status.report(BuildProgress("tiny/image", BuildState.BUILDING, 0.456))
    status.report(BuildProgress("tiny/audio", BuildState.WAITING))
    status.report(BuildProgress("tiny/thermal", BuildState.READY, 1.0))
    status.report(BuildProgress("tiny/fusion", BuildState.FAILED, problem="no room (free some)"))
    assert status.details() == {
        "image_engine": "building, 46%",
        "audio_engine": "waiting",
        "thermal_engine": "ready",
        "fusion_engine": "failed: no room (free some)",
    }
