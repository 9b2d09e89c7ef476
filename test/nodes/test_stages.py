import inspect
from typing import Any

import pytest

pytest.importorskip("rclpy", reason="needs ROS 2: run `make setup`")

from omnibind_ros.nodes.recognition_output import RecognitionOutput
from omnibind_ros.nodes.remote_supply import RemoteSupply
from omnibind_ros.nodes.sensor_supply import SensorSupply
from omnibind_ros.nodes.stages import Output, Stage, Supply
from omnibind_ros.nodes.status_output import StatusOutput


def public(kind: Any) -> set[str]:
    return {name for name, _ in inspect.getmembers(kind) if not name.startswith("_")}


@pytest.mark.parametrize(
    ("protocol", "kind"),
    [(Supply, SensorSupply), (Supply, RemoteSupply), (Output, RecognitionOutput), (Output, StatusOutput)],
    ids=lambda one: one.__name__,
)
def test_either_half_can_stand_for_another_of_its_kind(protocol: Any, kind: Any) -> None:
    """A node uses nothing of a half but what all of its kind can do."""
    assert public(kind) == public(protocol)
    for name in public(protocol):
        asked, able = (inspect.getattr_static(one, name) for one in (protocol, kind))
        if inspect.isfunction(asked):
            assert list(inspect.signature(able).parameters) == list(inspect.signature(asked).parameters)


def test_both_kinds_are_stages() -> None:
    assert public(Stage) <= public(Supply) & public(Output)
