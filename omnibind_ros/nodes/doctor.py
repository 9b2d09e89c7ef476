"""Checks everything this package needs on this computer, and says of whatever is wrong exactly what to do.

Works beside a running robot and without one, and where ROS or libraries are missing.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

# Nothing else at the top: what is missing on a robot must be told, not end the doctor.
from omnibind_ros.diagnosis.finding import Finding, Verdict, problem, worst
from omnibind_ros.diagnosis.packages import check_packages
from omnibind_ros.diagnosis.ros_environment import check_ros_environment
from omnibind_ros.diagnosis.system_clock import check_system_clock


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point of `ros2 run omnibind_ros doctor`."""
    options = _parse(arguments)
    try:
        findings = examine(options)
    except KeyboardInterrupt:
        sys.exit(130)
    _tell(findings, as_json=options.json)
    sys.exit(1 if worst(findings) is Verdict.PROBLEM else 0)


def examine(options: argparse.Namespace) -> list[Finding]:
    """All findings, in the order in which they should be looked at."""
    missing = why_no_rclpy()
    found = [
        *check_ros_environment(os.environ, missing),
        check_system_clock(time.time_ns()),
        *check_packages(_is_installed),
    ]
    try:
        examination = import_module("omnibind_ros.diagnosis.examination")
        engines = import_module("omnibind_ros.pipeline.resources").cache_folder() / "engines"
    except ImportError as error:
        remedy = "install what is named above: configuration, topics, bundle and GPU are looked at then"
        return [*found, problem("the rest", f"cannot be checked: {error}", remedy)]
    questions = examination.Questions(
        environment=os.environ,
        config=options.config,
        namespace=options.namespace,
        bundle=options.bundle,
        backend=options.backend,
        engines=engines,
        look=None if missing else lambda: _survey(options.namespace, options.seconds),
    )
    return [*found, *examination.examine(questions)]


def why_no_rclpy() -> str:
    """Why rclpy cannot be imported; empty where it can."""
    try:
        import_module("rclpy")
    except (ImportError, OSError, RuntimeError) as error:  # half an installation fails in each of these ways
        return str(error)
    return ""


def _is_installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except (ImportError, ValueError):  # it is there, and broken
        return False


def _survey(namespace: str, seconds: float) -> object:
    return import_module("omnibind_ros.nodes.surveyor").survey(namespace, seconds)


def _tell(findings: Sequence[Finding], *, as_json: bool) -> None:
    if as_json:
        told = {"verdict": worst(findings), "findings": [asdict(finding) for finding in findings]}
        print(json.dumps(told, indent=2, ensure_ascii=False))
        return
    try:
        console = import_module("rich.console").Console()
        console.print(import_module("omnibind_ros.diagnosis.printed").findings_table(findings))
    except ImportError:
        for finding in findings:
            print(f"{finding.verdict}: {finding.subject}: {finding.message}")
            if finding.remedy:
                print(f"    → {finding.remedy}")


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="doctor",
        description=__doc__,
        epilog="exit status: 0 when nothing is wrong, warnings apart; 1 when a check found a problem",
    )
    parser.add_argument(
        "--config", type=Path, help="parameter file of the robot (default: the shipped perception.yaml)"
    )
    parser.add_argument("--namespace", default="", help="namespace of the nodes, such as /front")
    parser.add_argument("--bundle", help="name of a shipped bundle, or a folder (default: the configuration's)")
    parser.add_argument("--backend", help="what is to run the networks (default: the configuration's)")
    parser.add_argument("--seconds", type=float, default=3.0, help="how long to look at the ROS graph (default 3)")
    parser.add_argument("--json", action="store_true", help="findings as JSON")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
