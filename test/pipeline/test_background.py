import threading

import pytest

from omnibind_ros.pipeline.background import Inline, Lanes, discard

PATIENCE_S = 30


class Work:
    """A lane, and jobs that wait for a test."""

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self.running = threading.Event()
        self.told = 0
        self.lane = Lanes("test", 1, self._tell)

    def _tell(self) -> None:
        self.told += 1

    def waiting_job(self) -> str:
        self.running.set()
        assert self.go_on.wait(PATIENCE_S)
        return threading.current_thread().name


@pytest.fixture
def work() -> Work:
    return Work()


def test_inline_a_job_is_done_when_it_was_submitted() -> None:
    done = Inline().submit(divmod, 7, 2)
    assert done.done()
    assert done.result() == (3, 1)
    assert isinstance(Inline().submit(divmod, 7, 0).exception(), ZeroDivisionError)


def test_a_lane_does_one_after_the_other_in_its_thread(work: Work) -> None:
    first = work.lane.submit(work.waiting_job)
    second = work.lane.submit(first.done)
    assert work.running.wait(PATIENCE_S)
    assert not first.done()
    work.go_on.set()
    assert first.result(PATIENCE_S) == "test"
    assert second.result(PATIENCE_S)
    work.lane.shutdown()
    assert work.told == 2


def test_as_many_are_done_at_a_time_as_there_are_lanes() -> None:
    go_on = threading.Event()
    lanes = Lanes("test", 2, lambda: None)
    slow = lanes.submit(go_on.wait, PATIENCE_S)
    assert lanes.submit(divmod, 7, 2).result(PATIENCE_S) == (3, 1), "it need not wait for the slow one"
    also_slow = lanes.submit(go_on.wait, PATIENCE_S)
    waiting = lanes.submit(divmod, 7, 2)
    assert not any(one.done() for one in (slow, also_slow, waiting))
    go_on.set()
    lanes.shutdown()
    assert all(one.done() for one in (slow, also_slow, waiting))


def test_what_a_job_raises_is_in_its_future_and_the_next_job_is_done(work: Work) -> None:
    assert isinstance(work.lane.submit(divmod, 1, 0).exception(PATIENCE_S), ZeroDivisionError)
    assert work.lane.submit(divmod, 7, 2).result(PATIENCE_S) == (3, 1)


def test_a_lane_without_jobs_has_no_thread_and_takes_new_ones(work: Work) -> None:
    threads = threading.active_count()
    for _ in range(3):
        work.lane.submit(divmod, 7, 2)
        work.lane.shutdown()
        assert threading.active_count() == threads


def test_what_is_cancelled_is_never_begun(work: Work) -> None:
    first = work.lane.submit(work.waiting_job)
    second, third = (work.lane.submit(pytest.fail, "it was cancelled") for _ in range(2))
    assert work.running.wait(PATIENCE_S)
    assert second.cancel()
    work.lane.shutdown(wait=False, cancel_futures=True)
    work.go_on.set()
    work.lane.shutdown()
    assert first.done()
    assert third.cancelled()


def test_what_is_discarded_is_not_begun_or_closed_when_it_is_done(work: Work) -> None:
    closed = threading.Event()

    class Made:
        def close(self) -> None:
            closed.set()

    def make() -> Made:
        work.waiting_job()
        return Made()

    running = work.lane.submit(make)
    waiting = work.lane.submit(lambda: pytest.fail("nobody wants it"))
    assert work.running.wait(PATIENCE_S)
    discard(running)
    discard(waiting)
    assert waiting.cancelled()
    work.go_on.set()
    assert closed.wait(PATIENCE_S)
    discard(work.lane.submit(lambda: None))
    discard(work.lane.submit(divmod, 7, 0))
    work.lane.shutdown()
