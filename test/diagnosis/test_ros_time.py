import pytest

from omnibind_ros.diagnosis.finding import Verdict, worst
from omnibind_ros.diagnosis.ros_time import CLOCK, check_ros_time
from omnibind_ros.diagnosis.survey import Endpoint, LiveTopic, Survey

BAG, SIMULATOR = (Endpoint(name, "rosgraph_msgs/msg/Clock", "reliable") for name in ("/bag", "/simulator"))
GOING = (1_000_000_000, 2_000_000_000)


@pytest.mark.parametrize(
    ("publishers", "simulated", "clock_ns", "verdict", "told"),
    [
        ((), (), None, Verdict.OK, "is this computer's clock"),
        ((), ("/perception",), None, Verdict.PROBLEM, "time stands still"),
        ((BAG,), (), GOING, Verdict.WARNING, "no node of ours uses it"),
        ((BAG,), ("/perception",), None, Verdict.WARNING, "sent nothing"),
        ((BAG,), ("/perception",), (5, 5), Verdict.WARNING, "does not go on"),
        ((BAG,), ("/perception",), GOING, Verdict.OK, "1.0 s behind"),
        ((BAG, SIMULATOR), ("/perception",), GOING, Verdict.PROBLEM, "/bag and /simulator"),
    ],
)
def test_who_gives_the_time_and_who_takes_it(
    publishers: tuple[Endpoint, ...],
    simulated: tuple[str, ...],
    clock_ns: tuple[int, int] | None,
    verdict: Verdict,
    told: str,
) -> None:
    topics = {CLOCK: LiveTopic(publishers)} if publishers else {}
    found = list(check_ros_time(Survey(topics, simulated=simulated, clock_ns=clock_ns, system_ns=3_000_000_000)))
    assert worst(found) is verdict
    assert any(told in one.message for one in found)
