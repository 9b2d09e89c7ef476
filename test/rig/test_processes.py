"""Supervision with programs that do nothing."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rig.processes import SupervisedProcess

SLEEPER = [sys.executable, "-u", "-S", "-c", "import os, time; print('up', os.environ.get('WORD')); time.sleep(600)"]
PATIENCE_S = 30.0


def wait_until(condition: Callable[[], object]) -> None:
    deadline_s = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline_s
        time.sleep(0.01)


@pytest.fixture
def sleeper(tmp_path: Path) -> Iterator[SupervisedProcess]:
    process = SupervisedProcess(SLEEPER, tmp_path / "sleeper.log", environment={"WORD": "hello"}, respawn_after_s=0.0)
    yield process
    process.stop()


def test_a_killed_process_is_started_again_and_both_starts_are_in_its_log(sleeper: SupervisedProcess) -> None:
    wait_until(lambda: sleeper.said.count("up hello") == 1)
    first = sleeper.pid
    killed_s = sleeper.kill()
    wait_until(lambda: sleeper.said.count("up hello") == 2)
    assert sleeper.pid not in (None, first)
    (end,) = sleeper.ends
    assert end.returncode == -signal.SIGKILL
    assert end.time_s >= killed_s
    assert len(sleeper.starts_s) == 2


def test_a_stopped_process_stays_away(sleeper: SupervisedProcess) -> None:
    wait_until(lambda: "up" in sleeper.said and sleeper.pid is not None)
    pid = sleeper.pid
    assert pid is not None
    sleeper.stop()
    assert sleeper.pid is None
    assert len(sleeper.starts_s) == 1
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    sleeper.stop()


def test_stopping_tells_how_a_process_ended(tmp_path: Path) -> None:
    polite = "import signal, sys; signal.signal(signal.SIGINT, lambda *_: sys.exit(7)); print('up'); signal.pause()"
    process = SupervisedProcess([sys.executable, "-u", "-S", "-c", polite], tmp_path / "polite.log")
    wait_until(lambda: "up" in process.said)
    assert process.stop() == 7


def test_what_a_process_started_ends_with_it(tmp_path: Path) -> None:
    process = SupervisedProcess(["sh", "-c", "sleep 600 & echo $!; wait"], tmp_path / "parent.log", respawn_after_s=60)
    wait_until(lambda: "\n" in process.said)
    child = int(process.said)
    process.kill()
    wait_until(lambda: Path(f"/proc/{child}").exists() is False or "Z" in Path(f"/proc/{child}/stat").read_text())
    process.stop()


def test_a_process_is_kept_to_its_cores(tmp_path: Path) -> None:
    core = min(os.sched_getaffinity(0))
    process = SupervisedProcess(SLEEPER, tmp_path / "pinned.log", cores=frozenset({core}))
    # the process can speak before the thread that started it has taken note of it
    wait_until(lambda: "up" in process.said and process.pid is not None)
    assert os.sched_getaffinity(process.pid or 0) == {core}
    process.stop()
    assert core in os.sched_getaffinity(0)
