"""Whether ROS time goes on, and everybody uses the same."""

from collections.abc import Iterator

from omnibind_ros.diagnosis.finding import Finding, ok, problem, warning
from omnibind_ros.diagnosis.survey import Survey

CLOCK = "/clock"


def check_ros_time(survey: Survey) -> Iterator[Finding]:
    """ROS time against the nodes that use it."""
    publishers = sorted({one.node for one in survey.publishers(CLOCK)})
    if len(publishers) > 1:
        yield problem(
            "ROS time", f"{' and '.join(publishers)} publish on {CLOCK}: time jumps", "end all but one of them"
        )
    if survey.simulated and not publishers:
        yield problem(
            "ROS time",
            f"{', '.join(survey.simulated)} use simulated time, but nobody publishes on {CLOCK}: time stands still",
            "start the simulation or `ros2 bag play --clock`, or set use_sim_time:=false",
        )
    elif publishers and not survey.simulated:
        yield warning(
            "ROS time",
            f"{publishers[0]} publishes on {CLOCK}, but no node of ours uses it",
            "start them with use_sim_time:=true, or stop publishing /clock",
        )
    elif publishers and survey.clock_ns is None:
        yield warning("ROS time", f"{publishers[0]} offers {CLOCK}, but sent nothing meanwhile", "is it paused?")
    elif survey.clock_ns is not None and survey.clock_ns[0] == survey.clock_ns[1]:
        yield warning("ROS time", "it does not go on", "is the simulation or the bag paused?")
    elif survey.clock_ns is not None:
        behind_s = (survey.system_ns - survey.clock_ns[1]) / 1e9
        yield ok("ROS time", f"from {CLOCK}, {behind_s:.1f} s behind this computer's clock; it goes on")
    else:
        yield ok("ROS time", "is this computer's clock")
