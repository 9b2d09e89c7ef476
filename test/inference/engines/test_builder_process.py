import sys
import threading

import pytest

from omnibind_ros.inference.engines.build_progress import BuildProgress, BuildState
from omnibind_ros.inference.engines.builder_process import BuilderProcess

HALF = BuildProgress("tiny/image", BuildState.BUILDING, 0.5)
READY = BuildProgress("tiny/image", BuildState.READY, 1.0)
FAILED = BuildProgress("tiny/image", BuildState.FAILED, problem="no kernel for IsNaN")


def python(program: str) -> BuilderProcess:
    return BuilderProcess([sys.executable, "-c", program])


@pytest.mark.parametrize("end", [READY, FAILED])
def test_what_the_builder_tells_is_reported(end: BuildProgress) -> None:
    told: list[BuildProgress] = []
    process = python(f"print({HALF.to_line()!r}); print('what a library prints'); print({end.to_line()!r})")
    assert process.wait("tiny/image", told.append) is (end is READY)
    assert told == [HALF, end]


def test_a_builder_that_is_killed_has_failed() -> None:
    told: list[BuildProgress] = []
    process = python(f"import os; print({HALF.to_line()!r}, flush=True); os.kill(os.getpid(), 9)")
    assert not process.wait("tiny/image", told.append)
    assert [(one.network, one.state) for one in told] == [
        ("tiny/image", BuildState.BUILDING),
        ("tiny/image", BuildState.FAILED),
    ]
    assert "ended with -9" in told[-1].problem


def test_a_builder_that_was_ended_is_no_failure() -> None:
    told: list[BuildProgress] = []
    process = python(f"import time; print({HALF.to_line()!r}, flush=True); time.sleep(600)")
    started = threading.Event()

    def report(progress: BuildProgress) -> None:
        told.append(progress)
        started.set()

    waiting = threading.Thread(target=process.wait, args=("tiny/image", report))
    waiting.start()
    assert started.wait(timeout=30)
    process.end()
    waiting.join(timeout=30)
    process.end()
    assert told == [HALF]
