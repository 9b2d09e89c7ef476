"""The SROS2 policy lists what the nodes really use: no more, no less."""

import gc
from collections.abc import Callable
from fnmatch import fnmatch
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml

pytest.importorskip("rclpy", reason="needs ROS 2: run `make setup`")

from ros_bench import Bench
from sensor_msgs.msg import Image

from omnibind_ros.nodes.encoder import EncoderNode
from omnibind_ros.nodes.fusion import FusionNode
from omnibind_ros.nodes.overlay import Overlay
from omnibind_ros.nodes.perception import PerceptionNode

pytestmark = pytest.mark.ros

CONFIG = Path(__file__).resolve().parents[2] / "config"
NODES = {"perception": PerceptionNode, "encoder": EncoderNode, "fusion": FusionNode}
# Only there while somebody else is: /clock with simulated time, embeddings and sensors while they are published.
ON_NEED = {"/clock", "/embedding/*"}


def allowed(node: str, kind: str, access: str) -> set[str]:
    profile = ElementTree.parse(CONFIG / "security_policy.xml").find(f".//profile[@node='{node}']")
    assert profile is not None
    names = [entry.text or "" for entry in profile.findall(f"{kind}s[@{access}='ALLOW']/{kind}")]
    return {name.replace("~", f"/{node}") if name.startswith("~") else "/" + name.lstrip("/") for name in names}


@pytest.mark.parametrize("name", NODES)
def test_a_node_uses_what_its_profile_allows_and_nothing_else(bench: Bench, bundle_path: Path, name: str) -> None:
    camera = {"modality": "image", "topic": "camera/image_raw"}
    sources = {} if name == "fusion" else {"sources": ["camera"], "camera": camera}
    # A managed node lives until it is collected (its state machine holds it), and one of the same name that an earlier
    # test left keeps this one from publishing on /rosout.
    gc.collect()
    node = bench.make(NODES[name], bundle=str(bundle_path), **sources)
    bench.node.create_publisher(Image, "camera/image_raw", 1)

    def used(names_and_types: Callable[[str, str], list[tuple[str, list[str]]]]) -> set[str]:
        return {topic for topic, _ in names_and_types(name, "/")}

    if name != "fusion":
        bench.wait_until(
            lambda: "/camera/image_raw" in used(node.get_subscriber_names_and_types_by_node), "it did not subscribe"
        )
    for kind, access, really in (
        ("topic", "publish", used(node.get_publisher_names_and_types_by_node)),
        ("topic", "subscribe", used(node.get_subscriber_names_and_types_by_node)),
        ("service", "reply", used(node.get_service_names_and_types_by_node)),
    ):
        listed = allowed(name, kind, access)
        assert not [one for one in really if not any(fnmatch(one, pattern) for pattern in listed)]
        if access != "subscribe":
            assert not [one for one in listed - ON_NEED if one not in really]


def test_the_overlay_uses_what_its_profile_allows(bench: Bench) -> None:
    overlay = bench.make(Overlay)
    bench.node.create_publisher(Image, "camera/image_raw", 1)
    bench.node.create_subscription(Image, "overlay", lambda _: None, 1)

    def used() -> set[str]:
        return {topic for topic, _ in overlay.get_subscriber_names_and_types_by_node("overlay", "/")}

    bench.wait_until(lambda: "/camera/image_raw" in used(), "it did not subscribe")
    assert used() == allowed("overlay", "topic", "subscribe") - ON_NEED
    published = {topic for topic, _ in overlay.get_publisher_names_and_types_by_node("overlay", "/")}
    assert published == allowed("overlay", "topic", "publish")
    replied = {service for service, _ in overlay.get_service_names_and_types_by_node("overlay", "/")}
    assert replied == allowed("overlay", "service", "reply")


def test_the_dashboard_may_look_at_every_sensor_and_command_every_node(bench: Bench) -> None:
    pytest.importorskip("aiohttp", reason="needs what requirements/dashboard.txt names")
    from omnibind_ros.nodes.dashboard import Dashboard  # noqa: PLC0415

    dashboard = bench.make(Dashboard, port=0)
    dashboard.watched(1)
    sensors = allowed("perception", "topic", "subscribe")
    results = {"/recognition", "/sources", "/diagnostics"}

    def used() -> set[str]:
        return {topic for topic, _ in dashboard.get_subscriber_names_and_types_by_node("dashboard", "/")}

    bench.wait_until(lambda: results <= used(), "it did not subscribe")
    assert allowed("dashboard", "topic", "subscribe") == sensors | results
    published = {topic for topic, _ in dashboard.get_publisher_names_and_types_by_node("dashboard", "/")}
    assert published == allowed("dashboard", "topic", "publish")
    replied = {service for service, _ in dashboard.get_service_names_and_types_by_node("dashboard", "/")}
    assert replied == allowed("dashboard", "service", "reply")
    commands = ("get_parameters", "set_parameters", "reload_bundle")
    assert allowed("dashboard", "service", "request") == {f"/{node}/{one}" for node in NODES for one in commands}
    assert all(allowed(node, "service", "reply") >= {f"/{node}/{one}" for one in commands} for node in NODES)


@pytest.mark.parametrize("name", ["perception", "encoder"])
def test_every_topic_of_the_shipped_configuration_may_be_subscribed(name: str) -> None:
    parameters = yaml.safe_load((CONFIG / "perception.yaml").read_text())["/**"]["ros__parameters"]
    sources = [parameters[source] for source in parameters["sources"]]
    topics = {"/" + source[key] for source in sources for key in ("topic", "info_topic") if key in source}
    assert allowed(name, "topic", "subscribe") == topics | {"/clock"}
