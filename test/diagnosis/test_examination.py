from dataclasses import replace
from pathlib import Path

import pytest

from omnibind_ros.diagnosis import examination
from omnibind_ros.diagnosis.examination import Questions, examine
from omnibind_ros.diagnosis.finding import Finding, Verdict
from omnibind_ros.diagnosis.gpu_probe import Probe
from omnibind_ros.diagnosis.survey import Endpoint, LiveTopic, Survey


@pytest.fixture
def questions(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Questions:
    monkeypatch.setattr(examination, "look_safely", lambda *_: Probe(problem="no GPU", remedy="buy one"))
    return Questions({}, None, "", None, None, tmp_path / "engines", None)


def problems(findings: list[Finding]) -> dict[str, Finding]:
    return {one.subject: one for one in findings if one.verdict is Verdict.PROBLEM}


def test_without_ros_the_rest_is_still_checked(questions: Questions) -> None:
    findings = examine(questions)
    assert not problems(findings)
    assert {"configuration", "bundle", "ONNX Runtime", "GPU", "engine cache"} <= {one.subject for one in findings}


def test_topics_are_those_of_the_namespace(questions: Questions) -> None:
    driver = Endpoint("/front/driver", "sensor_msgs/msg/Image", "best effort")
    survey = Survey({"/front/camera/image_raw": LiveTopic((driver,))})
    findings = examine(replace(questions, namespace="/front", look=lambda: survey))
    (camera,) = (one for one in findings if one.subject == "camera")
    assert camera.verdict is Verdict.OK
    assert any("nobody publishes on /front/recognition" in one.message for one in findings)


def test_one_check_that_fails_does_not_end_the_others(questions: Questions, tmp_path: Path) -> None:
    def fail() -> Survey:
        raise RuntimeError("no middleware")

    asked = replace(questions, config=tmp_path / "none.yaml", bundle=str(tmp_path), look=fail)
    found = problems(examine(asked))
    assert "none.yaml: it cannot be read" in found["configuration"].message
    assert found["ROS graph"].message == "cannot be checked: RuntimeError: no middleware"
    assert "no bundle there" in found["bundle"].message
    assert all(one.remedy for one in found.values())


def test_a_backend_that_was_asked_for_and_is_not_there_is_a_problem(questions: Questions) -> None:
    assert problems(examine(replace(questions, backend="tensorrt")))["GPU"].remedy == "buy one"
