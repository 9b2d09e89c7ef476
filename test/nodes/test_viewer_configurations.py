"""The layouts for RViz and Foxglove show topics that the nodes really have, by their types."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

pytest.importorskip("rclpy", reason="needs ROS 2: run `make setup`")

from ros_bench import Bench

from omnibind_ros.nodes.overlay import Overlay
from omnibind_ros.nodes.perception import PerceptionNode
from omnibind_ros.nodes.sensor_simulator import SensorSimulator

pytestmark = pytest.mark.ros

CONFIG = Path(__file__).resolve().parents[2] / "config"
IMAGE, CLOUD = "sensor_msgs/msg/Image", "sensor_msgs/msg/PointCloud2"
CLASSIFICATION, DIAGNOSTICS = "vision_msgs/msg/Classification", "diagnostic_msgs/msg/DiagnosticArray"
RVIZ_TYPES = {"rviz_default_plugins/Image": IMAGE, "rviz_default_plugins/PointCloud2": CLOUD}


@pytest.fixture
def topics(bench: Bench, bundle_path: Path) -> dict[str, str]:
    """Every topic that somebody publishes, with its type."""
    bench.make(PerceptionNode, bundle=str(bundle_path))
    bench.make(Overlay)
    bench.make(SensorSimulator)

    def published() -> dict[str, str]:
        everything = bench.node.get_topic_names_and_types()
        return {topic: types[0] for topic, types in everything if bench.node.count_publishers(topic)}

    expected = {"/recognition", "/sources", "/overlay", "/lidar/points", "/prompt"}
    bench.wait_until(lambda: expected <= set(published()), "the nodes do not publish")
    return published()


def shown_in_rviz() -> Iterator[tuple[str, str]]:
    layout = yaml.safe_load((CONFIG / "perception.rviz").read_text(encoding="utf-8"))
    for display in layout["Visualization Manager"]["Displays"]:
        yield display["Topic"]["Value"], RVIZ_TYPES[display["Class"]]


def shown_in_foxglove(panel: str, settings: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if panel == "Image":
        yield settings["imageMode"]["imageTopic"], IMAGE
    elif panel == "DiagnosticSummary":
        yield settings["topicToRender"], DIAGNOSTICS
    elif panel in ("Plot", "StateTransitions"):
        yield from ((path["value"].partition(".")[0], CLASSIFICATION) for path in settings["paths"])
    else:
        assert panel == "3D"
        yield from ((topic, CLOUD) for topic in settings["topics"])


def panels_in(layout: Any) -> Iterator[str]:
    if isinstance(layout, str):
        yield layout
    else:
        yield from panels_in(layout["first"])
        yield from panels_in(layout["second"])


def test_every_topic_of_a_layout_is_published_with_the_type_its_panel_takes(topics: dict[str, str]) -> None:
    foxglove = json.loads((CONFIG / "foxglove_layout.json").read_text(encoding="utf-8"))
    shown = list(shown_in_rviz())
    for name, settings in foxglove["configById"].items():
        shown += shown_in_foxglove(name.partition("!")[0], settings)
    assert {topic for topic, _ in shown} >= {"/overlay", "/lidar/points", "/recognition", "/sources", "/diagnostics"}
    assert {topic: topics.get(topic) for topic, _ in shown} == dict(shown)


def test_every_panel_of_the_foxglove_layout_has_its_place() -> None:
    foxglove = json.loads((CONFIG / "foxglove_layout.json").read_text(encoding="utf-8"))
    assert sorted(panels_in(foxglove["layout"])) == sorted(foxglove["configById"])
