import threading
from typing import Any

import pytest

pytest.importorskip("rclpy", reason="needs ROS 2: run `make setup`")

from rclpy.node import Node
from ros_bench import Bench

from omnibind_ros.nodes.loader import Loader

pytestmark = pytest.mark.ros

PATIENCE_S = 20


class Outcomes:
    """What came of each job, and in which thread it was told."""

    def __init__(self) -> None:
        self.told: dict[str, tuple[Any, Exception | None]] = {}
        self.threads: set[threading.Thread] = set()

    def of(self, name: str) -> Any:
        def done(result: Any, error: Exception | None) -> None:
            self.told[name] = (result, error)
            self.threads.add(threading.current_thread())

        return done


@pytest.fixture
def outcomes() -> Outcomes:
    return Outcomes()


@pytest.fixture
def loader(bench: Bench) -> Loader:
    return Loader(bench.make(lambda **arguments: Node("robot", **arguments)))


def test_a_result_is_delivered_in_the_executors_thread(bench: Bench, loader: Loader, outcomes: Outcomes) -> None:
    loader.submit(threading.current_thread, outcomes.of("one"))
    bench.wait_until(lambda: "one" in outcomes.told, "it is not told")
    worker, error = outcomes.told["one"]
    assert error is None
    assert worker is not threading.current_thread()
    assert outcomes.threads == {threading.current_thread()}


def test_an_error_is_delivered_too(bench: Bench, loader: Loader, outcomes: Outcomes) -> None:
    loader.submit(lambda: 1 // 0, outcomes.of("one"))
    bench.wait_until(lambda: "one" in outcomes.told, "it is not told")
    assert isinstance(outcomes.told["one"][1], ZeroDivisionError)


def test_only_the_newest_waits(bench: Bench, loader: Loader, outcomes: Outcomes) -> None:
    may_end = threading.Event()
    loader.submit(lambda: may_end.wait(PATIENCE_S), outcomes.of("first"))
    loader.submit(lambda: "second", outcomes.of("second"))
    loader.submit(lambda: "third", outcomes.of("third"))
    assert "a newer request took its place" in str(outcomes.told["second"][1])
    may_end.set()
    bench.wait_until(lambda: "third" in outcomes.told, "it is not told")
    assert outcomes.told["first"] == (True, None)
    assert outcomes.told["third"] == ("third", None)


def test_closing_waits_for_what_runs_and_refuses_it(bench: Bench, loader: Loader, outcomes: Outcomes) -> None:
    started, may_end = threading.Event(), threading.Event()

    def work() -> None:
        started.set()
        may_end.wait(PATIENCE_S)

    loader.submit(work, outcomes.of("first"))
    loader.submit(lambda: "second", outcomes.of("second"))
    assert started.wait(PATIENCE_S)
    may_end.set()
    loader.close()
    for name in ("first", "second"):
        assert "cleaned up meanwhile" in str(outcomes.told[name][1])
    assert not any(thread.name == "omnibind loader" for thread in threading.enumerate())
    loader.submit(lambda: "later", outcomes.of("later"))
    bench.wait_until(lambda: "later" in outcomes.told, "it does not work again")
