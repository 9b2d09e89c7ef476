"""What the documentation says of programs, topics and services is what there is."""

import runpy
from collections.abc import Callable
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import setuptools

pytest.importorskip("rclpy", reason="needs ROS 2: run `make setup`")
pytest.importorskip("faiss", reason="needs requirements/memory.txt: run `make setup-test`")

from rclpy.node import Node
from ros_bench import Bench, real_image
from tiny_bundle import write_tiny_bundle

from documentation.interface import PROGRAMS, SERVICES, TOPICS
from omnibind_ros.nodes.encoder import EncoderNode
from omnibind_ros.nodes.fusion import FusionNode
from omnibind_ros.nodes.memory import MemoryNode
from omnibind_ros.nodes.monitor import Monitor
from omnibind_ros.nodes.overlay import Overlay
from omnibind_ros.nodes.perception import PerceptionNode
from omnibind_ros.nodes.sensor_simulator import DRIVERS, SensorSimulator

ROOT = Path(__file__).resolve().parents[2]
OF_ROS = {"/parameter_events", "/rosout"}


def test_every_executable_is_told_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    captured: dict[str, Any] = {}
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(setuptools, "setup", captured.update)
    runpy.run_path("setup.py")
    installed = {line.split(" = ")[0] for line in captured["entry_points"]["console_scripts"]}
    assert {program.name for program in PROGRAMS} == installed


def pattern(name: str, node: str) -> str:
    """What matches the full names that a name in the documentation stands for."""
    full = name.replace("~", f"/{node}") if name.startswith("~") else "/" + name.lstrip("/")
    return full.replace("<source>", "*")


@pytest.fixture
def bench(tmp_path: Path) -> Any:
    bench = Bench()
    write_tiny_bundle(tmp_path / "tiny")
    yield bench
    bench.close()


@pytest.mark.ros
def test_the_nodes_have_the_topics_and_services_that_are_told(bench: Bench, tmp_path: Path) -> None:
    camera = {"sources": ["camera"], "camera": {"modality": "image", "topic": "camera/image_raw"}}
    bundle = str(tmp_path / "tiny")
    nodes: dict[str, Node] = {
        "perception": bench.make(PerceptionNode, bundle=bundle, **camera),
        "encoder": bench.make(EncoderNode, bundle=bundle, **camera),
        "fusion": bench.make(FusionNode, bundle=bundle),
        "overlay": bench.make(Overlay),
        "memory": bench.make(MemoryNode, bundle=bundle, file=str(tmp_path / "memory.safetensors")),
        "monitor": bench.make(Monitor),
        "sensor_simulator": bench.make(SensorSimulator, sensors=["prompt"]),
    }
    bench.plug("camera/image_raw", real_image)

    def really(names_and_types: Callable[[str, str], list[tuple[str, list[str]]]], name: str) -> dict[str, str]:
        return {topic: types[0] for topic, types in names_and_types(name, "/") if topic not in OF_ROS}

    bench.wait_until(
        lambda: all(
            any(fnmatch(one, "/embedding/*") for one in really(nodes[name].get_publisher_names_and_types_by_node, name))
            for name in ("perception", "encoder")
        ),
        "no embeddings are published",
    )
    sensors = {f"/{driver.topic}" for driver in DRIVERS.values()}
    for name, node in nodes.items():
        published = really(node.get_publisher_names_and_types_by_node, name)
        told = {pattern(one.name, name): one.type_name for one in TOPICS if name in one.publishers}
        for topic, type_name in published.items():
            if topic not in sensors and not topic.endswith("/transition_event"):
                assert told[next((one for one in told if fnmatch(topic, one)), topic)] == type_name, (name, topic)
        assert all(any(fnmatch(topic, one) for topic in published) for one in told), name
        heard = really(node.get_subscriber_names_and_types_by_node, name)
        may_hear = [pattern(one.name, name) for one in TOPICS if name in one.subscribers]
        assert all(any(fnmatch(topic, one) for one in (*may_hear, "/clock", *sensors)) for topic in heard), name
        services = really(node.get_service_names_and_types_by_node, name)
        for service in SERVICES:
            if name in service.servers:
                assert services[pattern(service.name, name)] == service.type_name
