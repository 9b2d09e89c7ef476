import pytest

from omnibind_ros.diagnosis.finding import Verdict, worst
from omnibind_ros.diagnosis.live_results import check_live_results
from omnibind_ros.diagnosis.survey import Endpoint, LiveTopic, Survey

NAMES = ("/recognition", "/sources")


def topic(*nodes: str, mismatches: tuple[str, ...] = ()) -> LiveTopic:
    return LiveTopic(tuple(Endpoint(one, "vision_msgs/msg/Classification", "reliable") for one in nodes), mismatches)


@pytest.mark.parametrize(
    ("recognition", "verdict", "told"),
    [
        (None, Verdict.WARNING, "nobody publishes on /recognition"),
        (topic("/perception"), Verdict.OK, "/perception recognises"),
        (topic("/a", "/b"), Verdict.WARNING, "/a, /b all publish"),
        (topic("/perception", mismatches=("/planner hears nothing",)), Verdict.PROBLEM, "/planner hears nothing"),
    ],
)
def test_who_recognises_and_who_cannot_hear_it(recognition: LiveTopic | None, verdict: Verdict, told: str) -> None:
    found = list(check_live_results(Survey({NAMES[0]: recognition} if recognition else {}), NAMES))
    assert worst(found) is verdict
    assert any(told in one.message for one in found)
    assert all(one.remedy for one in found if one.verdict is not Verdict.OK)
