"""Commands reach the nodes that can carry them out, in one process and in several."""

import asyncio
import threading
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("rclpy", reason="needs ROS 2: run `make setup`")

from diagnostic_msgs.msg import DiagnosticArray
from rclpy.node import Node
from ros_bench import Bench, real_image

from omnibind_ros.errors import ControlError
from omnibind_ros.nodes import robot_control
from omnibind_ros.nodes.encoder import EncoderNode
from omnibind_ros.nodes.executor_calls import ExecutorCalls
from omnibind_ros.nodes.fusion import FusionNode
from omnibind_ros.nodes.perception import PerceptionNode
from omnibind_ros.nodes.robot_control import RobotControl

pytestmark = pytest.mark.ros

CAMERA = {"modality": "image", "topic": "camera/image_raw"}


class Commander(Node):
    def __init__(self, **node_arguments: object) -> None:
        super().__init__("commander", **node_arguments)
        self.control = RobotControl(self, ExecutorCalls(self))


class Operator:
    """Waits for what it commands in a thread of its own, as the dashboard's server does."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self.node: Commander = bench.make(Commander)
        self.control = self.node.control

    def have(self, work: Coroutine[Any, Any, Any]) -> Any:
        outcome: list[Any] = []

        def wait() -> None:
            try:
                outcome.append(asyncio.run(work))
            except ControlError as error:
                outcome.append(error)

        thread = threading.Thread(target=wait, daemon=True)
        thread.start()
        self._bench.wait_until(lambda: not thread.is_alive(), "the command has no end")
        return outcome[0]

    def until_found(self, *topics: str) -> "Operator":
        self._bench.wait_until(
            lambda: all(self.node.get_publishers_info_by_topic(f"/{topic}") for topic in topics), "no nodes"
        )
        return self


@pytest.fixture
def operator(bench: Bench) -> Operator:
    bench.hear("sources", DiagnosticArray)
    return Operator(bench)


def test_in_one_process_everything_is_done_by_perception(bench: Bench, bundle_path: Path, operator: Operator) -> None:
    perception = bench.make(PerceptionNode, bundle=str(bundle_path), sources=["camera"], camera=CAMERA)
    operator.until_found("recognition", "embedding/camera")
    assert operator.control.recognisers() == ["/perception"]
    assert operator.have(operator.control.labels()).bundle == str(bundle_path)
    assert operator.have(operator.control.switch("camera", enabled=False)) is None
    bench.wait_for_state("camera", "disabled")
    assert operator.have(operator.control.switch("camera", enabled=True)) is None
    bench.wait_for_state("camera", "absent")
    own = list(operator.have(operator.control.labels()).labels)
    assert own == []
    assert operator.have(operator.control.set_labels([])) is None
    assert "was loaded again" in operator.have(operator.control.reload_bundle())
    bench.remove(perception)


def test_what_the_node_refuses_is_told_with_its_reason(bench: Bench, bundle_path: Path, operator: Operator) -> None:
    bench.make(PerceptionNode, bundle=str(bundle_path), sources=["camera"], camera=CAMERA)
    operator.until_found("recognition")
    refusal = operator.have(operator.control.set_labels(["mug", "something that no centre is there for"]))
    assert isinstance(refusal, ControlError)
    assert "/perception refused it" in str(refusal)


def test_distributed_the_encoder_switches_and_the_fusion_names(
    bench: Bench, bundle_path: Path, operator: Operator
) -> None:
    bench.make(EncoderNode, bundle=str(bundle_path), sources=["camera"], camera=CAMERA)
    bench.make(FusionNode, bundle=str(bundle_path))
    operator.until_found("recognition", "embedding/camera")
    assert operator.control.recognisers() == ["/fusion"]
    assert operator.have(operator.control.switch("camera", enabled=False)) is None
    bench.wait_for_state("camera", "disabled")
    assert operator.have(operator.control.labels()).bundle == str(bundle_path)
    told = operator.have(operator.control.reload_bundle())
    assert "/fusion:" in told
    assert "/encoder:" in told


def test_a_source_that_a_rule_found_cannot_be_switched_by_itself(
    bench: Bench, bundle_path: Path, operator: Operator
) -> None:
    rule = {"modality": "image", "topic": "camera_*"}
    bench.make(PerceptionNode, bundle=str(bundle_path), discover=["cameras"], cameras=rule)
    bench.plug("camera_7", real_image)
    operator.until_found("recognition", "embedding/camera_7")
    refusal = operator.have(operator.control.switch("camera_7", enabled=False))
    assert isinstance(refusal, ControlError)
    assert "`sources` of /perception" in str(refusal)


@pytest.mark.parametrize("source", ["camera", "../camera", "", "camera.topic"])
def test_without_a_robot_every_command_says_what_to_start(operator: Operator, source: str) -> None:
    for work in (
        operator.control.labels(),
        operator.control.set_labels([]),
        operator.control.switch(source, enabled=True),
        operator.control.reload_bundle(),
    ):
        refusal = operator.have(work)
        assert isinstance(refusal, ControlError)
        assert refusal.remedy


def test_a_node_that_hangs_does_not_hold_its_operator_for_ever(
    bench: Bench, operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Impostor(Node):
        """Publishes recognitions but has none of the services."""

        def __init__(self, **node_arguments: Any) -> None:
            super().__init__("impostor", start_parameter_services=False, **node_arguments)
            self.create_publisher(DiagnosticArray, "recognition", 1)

    monkeypatch.setattr(robot_control, "ANSWER_S", 0.2)
    bench.make(Impostor)
    operator.until_found("recognition")
    refusal = operator.have(operator.control.labels())
    assert isinstance(refusal, ControlError)
    assert "/impostor/get_parameters" in str(refusal)
