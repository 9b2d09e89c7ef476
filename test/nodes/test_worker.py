import threading

from omnibind_ros.nodes.worker import IDLE_S, Worker

PATIENCE_S = 20


class Task:
    """Counts its runs; a test waits for a run instead of for a time."""

    def __init__(self, returns: float = IDLE_S) -> None:
        self.returns = returns
        self.threads: list[threading.Thread] = []
        self._ran = threading.Semaphore(0)

    def __call__(self) -> float:
        self.threads.append(threading.current_thread())
        self._ran.release()
        return self.returns

    def wait_for_a_run(self) -> None:
        assert self._ran.acquire(timeout=PATIENCE_S)


def refuse(error: Exception) -> None:
    raise AssertionError("no error was expected") from error


def test_it_runs_again_and_again_even_when_nobody_wakes_it() -> None:
    task = Task()
    worker = Worker(task, refuse)
    worker.start()
    for _ in range(3):
        task.wait_for_a_run()
    worker.stop()


def test_it_works_in_one_thread_of_its_own_that_ends_with_it() -> None:
    task = Task(returns=0.0)
    worker = Worker(task, refuse)
    worker.start()
    for _ in range(5):
        worker.wake()
        task.wait_for_a_run()
    worker.stop()
    (thread,) = set(task.threads)
    assert thread is not threading.current_thread()
    assert not thread.is_alive()


def test_a_wish_that_comes_during_a_run_is_not_lost() -> None:
    inside, go_on, again = threading.Event(), threading.Event(), threading.Event()

    def task() -> float:
        if inside.is_set():
            again.set()
        inside.set()
        go_on.wait(PATIENCE_S)
        return 1e9

    worker = Worker(task, refuse)
    worker.start()
    assert inside.wait(PATIENCE_S)
    worker.wake()
    go_on.set()
    assert again.wait(PATIENCE_S)
    worker.stop()


def test_an_error_is_told_and_the_work_goes_on() -> None:
    errors: list[Exception] = []
    task = Task()

    def fragile() -> float:
        sleep_s = task()
        if len(task.threads) == 1:
            raise ValueError("first round")
        return sleep_s

    worker = Worker(fragile, errors.append)
    worker.start()
    task.wait_for_a_run()
    task.wait_for_a_run()
    worker.stop()
    assert [str(error) for error in errors] == ["first round"]


def test_stopping_waits_for_the_round_that_runs() -> None:
    inside, go_on = threading.Event(), threading.Event()
    done: list[bool] = []

    def task() -> float:
        inside.set()
        go_on.wait(PATIENCE_S)
        done.append(True)
        return IDLE_S

    worker = Worker(task, refuse)
    worker.start()
    assert inside.wait(PATIENCE_S)
    stopper = threading.Thread(target=worker.stop)
    stopper.start()
    assert done == []
    go_on.set()
    stopper.join(PATIENCE_S)
    assert done == [True]


def test_what_it_is_called_for_is_done_between_two_tasks() -> None:
    done: list[threading.Thread] = []
    task = Task()
    worker = Worker(task, refuse)
    worker.start()
    task.wait_for_a_run()
    called = threading.Event()
    worker.call(lambda: done.append(threading.current_thread()))
    worker.call(called.set)
    assert called.wait(PATIENCE_S)
    worker.stop()
    assert done == [task.threads[0]]


def test_what_it_is_called_for_is_done_at_the_latest_when_it_stops() -> None:
    worker = Worker(Task(), refuse)
    worker.start()
    worker.stop()
    done: list[str] = []
    worker.call(lambda: done.append("done"))
    worker.stop()
    assert done == ["done"]
