"""Another thread has things done in the one that spins the node."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

pytest.importorskip("rclpy", reason="needs ROS 2: run `make setup`")

from rclpy.node import Node
from ros_bench import Bench

from omnibind_ros.nodes.executor_calls import ExecutorCalls

pytestmark = pytest.mark.ros


class Worker(Node):
    def __init__(self, **node_arguments: object) -> None:
        super().__init__("worker", **node_arguments)
        self.calls = ExecutorCalls(self)


def test_it_is_done_in_the_thread_that_spins_and_in_order(bench: Bench) -> None:
    worker: Worker = bench.make(Worker)
    with ThreadPoolExecutor(1) as other:
        submitted = [other.submit(worker.calls.submit, threading.get_ident).result() for _ in range(3)]
        assert not any(one.done() for one in submitted)
        bench.wait_until(submitted[2].done, "it was not done")
    assert [one.result() for one in submitted] == [threading.get_ident()] * 3


def test_an_error_reaches_whoever_asked_and_the_node_goes_on(bench: Bench) -> None:
    worker: Worker = bench.make(Worker)
    failing, working = worker.calls.submit(lambda: 1 // 0), worker.calls.submit(lambda: "done")
    bench.wait_until(working.done, "it was not done")
    assert isinstance(failing.exception(), ZeroDivisionError)
    assert working.result() == "done"


def test_nobody_waits_for_a_node_that_ended(bench: Bench) -> None:
    worker: Worker = bench.make(Worker)
    before = worker.calls.submit(lambda: None)
    worker.calls.close()
    assert before.cancelled()
    assert worker.calls.submit(lambda: None).cancelled()
