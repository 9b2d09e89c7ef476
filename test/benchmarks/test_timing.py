from benchmarks.timing import Comparison, rows


def test_a_case_gives_a_row_for_the_median_and_one_for_the_slowest() -> None:
    calls = []
    comparison = Comparison("case", lambda: calls.append("own"), "other way", lambda: calls.append("other"))
    median, p95 = rows([comparison], seconds=0.0)
    assert median["case"] == "case, median"
    assert p95["case"] == "case, p95"
    for row in (median, p95):
        assert set(row) == {"case", "value", "unit", "reference", "ratio"}
        assert row["unit"] == "ms"
        assert row["reference"].startswith("other way: ")
        assert row["value"] > 0
        assert row["ratio"] > 0
    assert calls[:4] == ["own", "other", "own", "other"], "once for warming up, then in turns"


def test_a_goal_for_a_time_is_beaten_by_a_shorter_one() -> None:
    row, _ = rows([Comparison("case", lambda: None, "goal: 1000", 1000.0)], seconds=0.0)
    assert row["reference"] == "goal: 1000"
    assert row["ratio"] > 1


def test_a_rate_is_better_when_it_is_larger() -> None:
    row, slowest = rows([Comparison("case", lambda: sum(range(1000)), "goal", 1e-9, million_events=1.0)], seconds=0.0)
    assert row["unit"] == "million events/s"
    assert row["ratio"] > 1
    assert slowest["value"] <= row["value"]
