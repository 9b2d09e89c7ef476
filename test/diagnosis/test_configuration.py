from pathlib import Path
from typing import Any

from omnibind_ros.diagnosis.configuration import check_configuration
from omnibind_ros.diagnosis.finding import Finding, Verdict, worst
from omnibind_ros.replay.configuration import configuration, given_parameters

SHIPPED = Path(__file__).resolve().parents[2] / "config" / "perception.yaml"
CAMERA = {"sources": ["camera"], "camera.modality": "image", "camera.topic": "x"}


def check(given: dict[str, Any]) -> list[Finding]:
    return list(check_configuration("robot.yaml", configuration(given), given))


def test_the_shipped_configuration_is_well() -> None:
    given = given_parameters(SHIPPED)
    assert worst(check_configuration("shipped", configuration(given), given)) is Verdict.OK


def test_a_name_that_nothing_looks_at_is_told() -> None:
    found = check({**CAMERA, "max_rte": 5.0, "camera.tpic": "y", "lidar.topic": "z", "use_sim_time": True})
    (bad,) = (one for one in found if one.verdict is Verdict.WARNING)
    assert bad.message == "nothing looks at `max_rte`, `camera.tpic`, `lidar.topic`"
    assert "docs/parameters.md" in bad.remedy


def test_a_source_that_would_be_left_out_is_a_problem_of_its_name() -> None:
    found = check({**CAMERA, "camera.modality": "smell"})
    assert found[0].subject == "camera"
    assert found[0].verdict is Verdict.PROBLEM
    assert "set `camera.modality` to one of image" in found[0].remedy


def test_a_choice_there_is_not_is_a_problem() -> None:
    found = check({**CAMERA, "backend": "abacus"})
    assert found[0].message == "`backend` is 'abacus'"
    assert found[0].verdict is Verdict.PROBLEM
