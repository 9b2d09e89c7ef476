from itertools import count

from benchmarks.timing import COLUMNS, Comparison, in_turns, rows


def test_a_case_gives_a_row_for_the_median_and_one_for_the_slowest() -> None:
    calls = []
    comparison = Comparison("case", lambda: calls.append("own"), "other way", lambda: calls.append("other"))
    found = [dict(zip(COLUMNS, row, strict=True)) for row in rows([comparison], seconds=0.0)]
    assert [row["case"] for row in found] == ["case, median", "case, p95"]
    for row in found:
        assert row["unit"] == "ms"
        assert str(row["reference"]).startswith("other way: ")
        assert isinstance(row["value"], float)
        assert row["value"] > 0
    assert calls[:4] == ["own", "other", "own", "other"], "once for warming up, then in turns"


def test_a_goal_for_a_time_is_beaten_by_a_shorter_one() -> None:
    row = dict(
        zip(COLUMNS, rows([Comparison("case", lambda: None, "goal: 1000", 1000.0)], seconds=0.0)[0], strict=True)
    )
    assert row["reference"] == "goal: 1000"
    assert float(str(row["ratio"])) > 1


def test_a_rate_is_better_when_it_is_larger() -> None:
    comparison = Comparison("case", lambda: sum(range(1000)), "goal", 1e-9, million_events=1.0)
    row, slowest = (dict(zip(COLUMNS, one, strict=True)) for one in rows([comparison], seconds=0.0))
    assert row["unit"] == "million events/s"
    assert float(str(row["ratio"])) > 1
    assert float(str(slowest["value"])) <= float(str(row["value"]))


def test_several_ways_take_turns_and_each_run_is_timed_alone() -> None:
    order: list[int] = []
    ticks = count()
    times = in_turns([lambda: order.append(0), lambda: order.append(1)], 0.0, lambda: float(next(ticks)))
    assert order[:6] == [0, 1, 0, 1, 0, 1]
    assert times[0] == [1.0] * len(times[0])
    assert len(times[0]) == len(times[1]) >= 5
