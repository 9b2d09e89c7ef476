import json

import pytest

from chaos import report
from chaos.findings import ScenarioResult

COMPUTER = {
    "processor": "a processor",
    "cores": 2,
    "memory_gb": 4.0,
    "system": "Linux 6",
    "python": "3.11.1",
    "load_average": [0.5, 0.4, 0.3],
}
GOOD = ScenarioResult("calm", True, 0.1234, [], None, {"camera_used_s": 0.5, "duration_s": 9.0}, "")
BAD = ScenarioResult("storm", False, 2.0, ["camera", "lidar"], 3.5, {}, "FAILED lost camera | lidar")
TITLES = {"calm": "nothing happens"}


def test_the_json_holds_every_scenario_the_computer_and_the_verdict() -> None:
    read = json.loads(report.as_json([[GOOD, BAD]], mode="quick", computer=COMPUTER))
    assert read["machine"] == COMPUTER
    assert read["mode"] == "quick"
    assert read["passed"] is False
    assert [one["name"] for one in read["scenarios"]] == ["calm", "storm"]
    assert read["scenarios"][0] == {
        "name": "calm",
        "passed": True,
        "longest_gap_s": 0.1234,
        "lost_sources": [],
        "memory_growth_percent": None,
        "times": {"camera_used_s": 0.5, "duration_s": 9.0},
        "detail": "",
        "round": 1,
    }


def test_both_rounds_are_told() -> None:
    read = json.loads(report.as_json([[GOOD], [GOOD]], mode="quick", computer=COMPUTER))
    assert (read["rounds"], [one["round"] for one in read["scenarios"]]) == (2, [1, 2])


@pytest.mark.parametrize(
    ("rounds", "verdict"),
    [([[GOOD]], True), ([[GOOD], [GOOD]], True), ([[GOOD, BAD]], False), ([[GOOD], [BAD]], False), ([[]], False)],
)
def test_a_run_passes_when_all_its_scenarios_do_and_there_are_some(
    rounds: list[list[ScenarioResult]], verdict: bool
) -> None:
    assert report.passed(rounds) is verdict


def test_the_table_has_a_row_a_scenario_and_the_same_columns_in_each() -> None:
    rows = report.table([[GOOD, BAD]], TITLES).splitlines()
    assert len(rows) == 4
    assert len({row.count("|") for row in rows}) == 1
    assert "nothing happens | yes | 0.12 | none | – | camera used 0.50 |" in rows[2]
    assert "storm | **no**" in rows[3]
    assert "camera, lidar" in rows[3]


def test_of_several_rounds_the_table_has_the_worst() -> None:
    again = ScenarioResult("calm", True, 0.5, [], 0.2, {"camera_used_s": 0.25, "lidar_used_s": 0.1}, "")
    assert report.table([[GOOD], [again]], TITLES).splitlines()[2:] == [
        "| nothing happens | 2 of 2 | 0.50 | none | 0.20 | camera used 0.50, lidar used 0.10 |"
    ]
    failed = ScenarioResult("calm", False, None, ["camera"], None, {}, "FAILED lost camera")
    (row,) = report.table([[GOOD], [failed]], TITLES).splitlines()[2:]
    assert row.startswith("| nothing happens | **1 of 2**: FAILED lost camera | 0.12 | camera |")
    told = report.block([[GOOD], [again]], TITLES, COMPUTER, mode="quick")
    assert told.startswith("`python -m chaos --repeat 2`, the worst of 2 rounds in a row, on: ")


def test_the_block_says_on_what_computer_it_was_measured() -> None:
    assert "a processor, 2 cores" in report.block([[GOOD]], TITLES, COMPUTER, mode="full")


def test_the_computer_is_described() -> None:
    computer = report.machine()
    assert computer["cores"] >= 1
    assert computer["memory_gb"] > 0
    assert len(computer["load_average"]) == 3
