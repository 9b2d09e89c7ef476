"""The executable as a user runs it: it starts, and ends cleanly however it is told to."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("rclpy", reason="needs ROS 2: run `make setup`")

import rclpy

from omnibind_ros.nodes.process import spin

pytestmark = pytest.mark.ros

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 60


class Program:
    """`perception` in a process of its own."""

    def __init__(self, *parameters: str) -> None:
        arguments = [part for parameter in parameters for part in ("-p", parameter)]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "omnibind_ros.nodes.perception", "--ros-args", *arguments],
            cwd=ROOT,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._lines: list[str] = []
        self._news = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def wait_until_it_says(self, text: str) -> None:
        with self._news:
            said = self._news.wait_for(lambda: any(text in line for line in self._lines), PATIENCE_S)
        assert said, f"it never said {text!r} but: {self._lines}"

    def signal(self, number: int) -> None:
        os.kill(self._process.pid, number)

    def end(self) -> tuple[int, str]:
        """Exit status and all it said."""
        try:
            status = self._process.wait(PATIENCE_S)
        finally:
            self._process.kill()
        self._reader.join(PATIENCE_S)
        return status, "".join(self._lines)

    def _read(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            with self._news:
                self._lines.append(line)
                self._news.notify_all()


@pytest.fixture
def program(bundle_path: Path) -> Iterator[Program]:
    running = Program(f"bundle:={bundle_path}", "sources:=[camera]", "camera.modality:=image", "camera.topic:=x")
    yield running
    running.end()


def test_a_context_that_ends_without_waking_anybody_ends_the_spinning() -> None:
    """As rclpy's signal handler ends it, when the executor was woken a moment before."""
    context = rclpy.Context()
    rclpy.init(context=context)
    node = rclpy.create_node("idle", context=context)
    spinning = threading.Event()
    node.create_guard_condition(spinning.set).trigger()
    thread = threading.Thread(target=spin, args=[node], daemon=True)
    thread.start()
    assert spinning.wait(PATIENCE_S)
    context.handle.shutdown()
    thread.join(PATIENCE_S)
    assert not thread.is_alive()
    node.destroy_node()


@pytest.mark.parametrize("signals", [[signal.SIGINT], [signal.SIGINT, signal.SIGINT], [signal.SIGTERM]])
def test_it_ends_cleanly_when_it_is_told_to(program: Program, signals: list[int]) -> None:
    program.wait_until_it_says("bundle tiny with 4 labels; sources: camera (image)")
    for number in signals:
        program.signal(number)
    status, said = program.end()
    assert status == 0, said
    assert "Traceback" not in said
    assert "[ERROR]" not in said


def test_parameters_that_make_no_sense_end_it_with_one_line(bundle_path: Path) -> None:
    status, said = Program(f"bundle:={bundle_path}", "max_rate:=10").end()
    assert status == 1
    assert "set `max_rate` to a number from 0.1 to 1000.0, written like 10.0" in said
    assert "Traceback" not in said


def test_a_broken_bundle_does_not_end_it() -> None:
    program = Program("bundle:=/nowhere/at/all")
    program.wait_until_it_says("cannot configure: /nowhere/at/all/bundle.yaml: no bundle there")
    program.signal(signal.SIGINT)
    status, said = program.end()
    assert status == 0, said
    assert "Traceback" not in said
