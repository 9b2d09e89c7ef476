"""Distribution, middleware, domain and discovery, from the environment of the process."""

from collections.abc import Iterator, Mapping

from omnibind_ros.diagnosis.finding import Finding, ok, problem, warning

_TESTED, _ALIKE = "jazzy", ("humble", "iron", "kilted", "rolling")
_FAST_DDS = ("", "rmw_fastrtps_cpp", "rmw_fastrtps_dynamic_cpp")
_RANGES = ("SUBNET", "LOCALHOST", "OFF", "SYSTEM_DEFAULT")
# Beyond it the ports of DDS lie among those Linux gives away, beyond the second there are none left.
_HIGHEST_SAFE, _HIGHEST = 101, 232


def check_ros_environment(environment: Mapping[str, str], missing: str) -> Iterator[Finding]:
    """missing: why rclpy cannot be imported; empty where it can."""
    if missing:
        yield problem(
            "rclpy",
            f"it cannot be imported: {missing}",
            "run `source /opt/ros/jazzy/setup.bash`, or without ROS `make setup` and `environment/run.sh python …`; "
            "replay and info need neither",
        )
    yield _distribution(environment, missing)
    yield _middleware(environment)
    yield _domain(environment)
    yield from _discovery(environment)


def _distribution(environment: Mapping[str, str], missing: str) -> Finding:
    distribution = environment.get("ROS_DISTRO", "")
    if distribution == _TESTED:
        return ok("ROS distribution", distribution)
    if not distribution and not missing:
        return ok("ROS distribution", "no ROS installation is sourced, rclpy comes from the Python environment")
    if not distribution:
        return warning("ROS distribution", "no ROS installation is sourced", "run `source /opt/ros/jazzy/setup.bash`")
    known = "has the same interfaces, but is not tested" if distribution in _ALIKE else "is not known here"
    return warning("ROS distribution", f"{distribution} {known}", "use Jazzy where something does not work")


def _middleware(environment: Mapping[str, str]) -> Finding:
    name = environment.get("RMW_IMPLEMENTATION", "")
    if name in _FAST_DDS:
        return ok("middleware", name or "Fast DDS, the default")
    return warning(
        "middleware",
        f"{name} is not tested, and config/fastdds_large_messages.xml is nothing to it",
        "unset RMW_IMPLEMENTATION, or see its documentation on large messages",
    )


def _domain(environment: Mapping[str, str]) -> Finding:
    text = environment.get("ROS_DOMAIN_ID", "") or "0"
    if not text.isdecimal() or int(text) > _HIGHEST:
        return problem(
            "domain", f"ROS_DOMAIN_ID is {text!r}", f"set it to a number from 0 to {_HIGHEST_SAFE}, everywhere the same"
        )
    if int(text) > _HIGHEST_SAFE:
        return warning(
            "domain", f"the ports of domain {text} may be taken", f"set ROS_DOMAIN_ID to 0 to {_HIGHEST_SAFE}"
        )
    return ok("domain", f"{int(text)}; only nodes of the same one are seen")


def _discovery(environment: Mapping[str, str]) -> Iterator[Finding]:
    reach = environment.get("ROS_AUTOMATIC_DISCOVERY_RANGE", "")
    peers = environment.get("ROS_STATIC_PEERS", "")
    if environment.get("ROS_LOCALHOST_ONLY", "0") not in ("", "0"):
        yield warning(
            "discovery",
            "ROS_LOCALHOST_ONLY is deprecated, and hides what follows",
            "unset it and set ROS_AUTOMATIC_DISCOVERY_RANGE=LOCALHOST",
        )
    if reach and reach not in _RANGES:
        yield problem(
            "discovery", f"ROS_AUTOMATIC_DISCOVERY_RANGE is {reach!r}", f"set it to one of {', '.join(_RANGES)}"
        )
    elif reach == "OFF":
        yield problem(
            "discovery",
            "it is off: not even nodes on this computer find each other",
            "set ROS_AUTOMATIC_DISCOVERY_RANGE to LOCALHOST or SUBNET",
        )
    elif reach == "LOCALHOST":
        others = f" and {peers}" if peers else "; sensors on other computers are not"
        yield ok("discovery", f"nodes on this computer are found{others}")
    else:
        yield ok("discovery", "nodes on the whole subnet are found, and may command this robot")
