"""The scores of the last minute."""

from omnibind_ros.dashboard.score_history import WINDOW_S, ScoreHistory


def test_whoever_comes_later_gets_all_and_then_only_what_is_new() -> None:
    history = ScoreHistory()
    for second in range(3):
        history.add(float(second), {"mug": second / 10})
    points = history.after(0, now_s=2.0)
    assert [point.scores["mug"] for point in points] == [0.0, 0.1, 0.2]
    history.add(3.0, {"cup": 1.0})
    assert [point.scores for point in history.after(points[-1].number, now_s=3.0)] == [{"cup": 1.0}]
    assert history.after(points[-1].number + 1, now_s=3.0) == []


def test_what_is_older_than_the_window_is_forgotten_even_without_news() -> None:
    history = ScoreHistory()
    history.add(0.0, {"mug": 1.0})
    history.add(10.0, {"mug": 0.5})
    assert len(history.after(0, now_s=WINDOW_S)) == 2
    assert [point.time_s for point in history.after(0, now_s=WINDOW_S + 1)] == [10.0]
    assert history.after(0, now_s=WINDOW_S + 11) == []


def test_a_thousand_recognitions_a_second_do_not_fill_the_memory() -> None:
    history = ScoreHistory()
    for number in range(5000):
        history.add(number / 1000, {"mug": 1.0})
    assert len(history.after(0, now_s=5.0)) <= 101
