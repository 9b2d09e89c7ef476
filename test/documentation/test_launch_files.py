"""Launch arguments explain themselves, and offer what the nodes take."""

import os
import signal
from pathlib import Path
from typing import Any

import pytest
from launch_files import FOLDER, launch_arguments

from omnibind_ros.pipeline.parameters import NODE_PARAMETERS


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.launch.py")), ids=lambda path: path.name)
def test_every_argument_is_described_and_every_switch_has_choices(path: Path) -> None:
    arguments = launch_arguments(path)
    assert arguments
    for name, declared in arguments.items():
        assert declared["description"].endswith("."), name
        if declared.get("default_value") in ("true", "false"):
            assert sorted(declared["choices"]) == ["false", "true"], name


def test_choices_of_parameters_are_those_of_the_nodes() -> None:
    arguments = launch_arguments(FOLDER / "perception.launch.py")
    for spec in NODE_PARAMETERS:
        if spec.choices and spec.name in arguments:
            assert arguments[spec.name]["choices"] == ["", *spec.choices]


@pytest.mark.ros
@pytest.mark.parametrize(("respawn", "starts"), [("true", 2), ("false", 1)])
def test_a_node_that_is_killed_starts_again_where_that_is_asked_for(respawn: str, starts: int) -> None:
    """On a robot: PyPI has no `launch`."""
    pytest.importorskip("launch_ros", reason="needs ROS 2 with launch, and this package installed in it")
    from launch.actions import (  # noqa: PLC0415
        EmitEvent,
        IncludeLaunchDescription,
        OpaqueFunction,
        RegisterEventHandler,
    )
    from launch.event_handlers import OnProcessExit, OnProcessStart  # noqa: PLC0415
    from launch.events import Shutdown  # noqa: PLC0415
    from launch.launch_description_sources import PythonLaunchDescriptionSource  # noqa: PLC0415

    from launch import LaunchDescription, LaunchService  # noqa: PLC0415

    seen: list[str] = []

    def started(event: Any, _: Any) -> list[Any]:
        seen.append(event.process_name)
        if len(seen) > 1:
            return [EmitEvent(event=Shutdown())]
        return [OpaqueFunction(function=lambda _: os.kill(event.pid, signal.SIGKILL))]

    def ended(_: Any, __: Any) -> list[Any]:
        return [] if respawn == "true" else [EmitEvent(event=Shutdown())]

    service = LaunchService()
    service.include_launch_description(
        LaunchDescription(
            [
                RegisterEventHandler(OnProcessStart(on_start=started)),
                RegisterEventHandler(OnProcessExit(on_exit=ended)),
                IncludeLaunchDescription(
                    PythonLaunchDescriptionSource(str(FOLDER / "perception.launch.py")),
                    launch_arguments=[("respawn", respawn)],
                ),
            ]
        )
    )
    service.run()
    assert len(seen) == starts
