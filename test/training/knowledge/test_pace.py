import threading

from training.knowledge.pace import Pace


class Time:
    def __init__(self) -> None:
        self.now = 1000.0
        self.lock = threading.Lock()

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        with self.lock:
            self.now += seconds


def moments(pace: Pace, time: Time, count: int) -> list[float]:
    started = []
    for _ in range(count):
        pace.wait()
        started.append(round(time.now - 1000, 6))
    return started


def test_requests_are_spaced_evenly():
    time = Time()
    assert moments(Pace(30, clock=time.clock, sleep=time.sleep), time, 4) == [0, 2, 4, 6]


def test_without_a_limit_nobody_waits():
    time = Time()
    assert moments(Pace(clock=time.clock, sleep=time.sleep), time, 3) == [0, 0, 0]


def test_a_pause_holds_for_everyone_and_a_shorter_one_does_not_end_it():
    time = Time()
    pace = Pace(60, clock=time.clock, sleep=time.sleep)
    pace.wait()
    pace.pause(10)
    pace.pause(3)
    assert moments(pace, time, 2) == [10, 11]


def test_threads_together_keep_the_limit():
    time = Time()
    pace = Pace(60, clock=time.clock, sleep=time.sleep)
    threads = [threading.Thread(target=moments, args=(pace, time, 5)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert time.now - 1000 >= 19
