import pytest

from omnibind_ros.diagnosis.finding import Finding, Verdict, worst
from omnibind_ros.diagnosis.ros_environment import check_ros_environment


def findings(missing: str = "", **environment: str) -> list[Finding]:
    return list(check_ros_environment({"ROS_DISTRO": "jazzy", **environment}, missing))


def test_a_sourced_jazzy_is_well() -> None:
    assert worst(findings()) is Verdict.OK
    assert worst(findings(ROS_DISTRO="")) is Verdict.OK  # rclpy from PyPI


def test_without_rclpy_it_says_how_to_get_it() -> None:
    found = findings("No module named 'rclpy'", ROS_DISTRO="")
    assert found[0].verdict is Verdict.PROBLEM
    assert "No module named 'rclpy'" in found[0].message
    assert "source /opt/ros/jazzy/setup.bash" in found[0].remedy
    assert "make setup" in found[0].remedy


@pytest.mark.parametrize(
    ("variable", "value", "verdict"),
    [
        ("ROS_DISTRO", "humble", Verdict.WARNING),
        ("RMW_IMPLEMENTATION", "rmw_fastrtps_cpp", Verdict.OK),
        ("RMW_IMPLEMENTATION", "rmw_cyclonedds_cpp", Verdict.WARNING),
        ("ROS_DOMAIN_ID", "", Verdict.OK),
        ("ROS_DOMAIN_ID", "42", Verdict.OK),
        ("ROS_DOMAIN_ID", "150", Verdict.WARNING),
        ("ROS_DOMAIN_ID", "233", Verdict.PROBLEM),
        ("ROS_DOMAIN_ID", "robot", Verdict.PROBLEM),
        ("ROS_AUTOMATIC_DISCOVERY_RANGE", "LOCALHOST", Verdict.OK),
        ("ROS_AUTOMATIC_DISCOVERY_RANGE", "OFF", Verdict.PROBLEM),
        ("ROS_AUTOMATIC_DISCOVERY_RANGE", "localhost", Verdict.PROBLEM),
        ("ROS_LOCALHOST_ONLY", "1", Verdict.WARNING),
    ],
)
def test_each_variable_is_judged(variable: str, value: str, verdict: Verdict) -> None:
    found = findings(**{variable: value})
    assert worst(found) is verdict
    assert all(one.remedy for one in found if one.verdict is not Verdict.OK)
