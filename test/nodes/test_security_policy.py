"""The SROS2 policy lists what the nodes really use: no more, no less."""

import gc
from collections.abc import Callable
from fnmatch import fnmatch
from pathlib import Path
from threading import Thread
from xml.etree import ElementTree

import pytest
import yaml

from documentation.interface import TOPICS

pytest.importorskip("rclpy", reason="needs ROS 2: run `make setup`")

from ros_bench import Bench
from sensor_msgs.msg import Image

from omnibind_ros.nodes.encoder import EncoderNode
from omnibind_ros.nodes.fusion import FusionNode
from omnibind_ros.nodes.memory import MemoryNode
from omnibind_ros.nodes.monitor import Monitor
from omnibind_ros.nodes.overlay import Overlay
from omnibind_ros.nodes.perception import PerceptionNode
from omnibind_ros.nodes.record import Recorder
from omnibind_ros.nodes.surveyor import survey

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


def used(bench: Bench, name: str) -> dict[str, set[str]]:
    """What a node is seen to use by another one; nothing until it is seen at all."""
    ask = bench.node
    if name not in ask.get_node_names():
        return {}
    found = {
        "publish": ask.get_publisher_names_and_types_by_node(name, "/"),
        "subscribe": ask.get_subscriber_names_and_types_by_node(name, "/"),
        "reply": ask.get_service_names_and_types_by_node(name, "/"),
        "request": ask.get_client_names_and_types_by_node(name, "/"),
    }
    return {access: {topic for topic, _ in names_and_types} for access, names_and_types in found.items()}


def profile(name: str) -> dict[str, set[str]]:
    """What a node may use, but for what is only there on need."""
    kinds = {"publish": "topic", "subscribe": "topic", "reply": "service", "request": "service"}
    return {access: allowed(name, kind, access) - ON_NEED for access, kind in kinds.items()}


def test_the_memory_uses_what_its_profile_allows(bench: Bench, bundle_path: Path, tmp_path: Path) -> None:
    pytest.importorskip("faiss", reason="needs requirements/memory.txt")
    bench.make(MemoryNode, bundle=str(bundle_path), file=str(tmp_path / "memory.safetensors"))
    bench.wait_until(lambda: used(bench, "memory") == profile("memory"), "it uses something else")


def test_the_monitor_uses_what_its_profile_allows(bench: Bench) -> None:
    bench.make(Monitor)
    bench.wait_until(lambda: used(bench, "monitor") == profile("monitor"), "it uses something else")


def test_a_recording_may_have_every_sensor_and_result(bench: Bench, tmp_path: Path) -> None:
    wanted = profile("record")
    results = {f"/{topic.name.lstrip('/')}" for topic in TOPICS if "perception" in topic.publishers}
    results = {topic.replace("<source>", "*") for topic in results}
    assert wanted["subscribe"] == (profile("perception")["subscribe"] | results) - ON_NEED
    bench.node.create_publisher(Image, "camera/image_raw", 1)
    bench.make(lambda **given: Recorder(["camera/image_raw"], tmp_path / "bag", context=given["context"]))
    wanted["subscribe"] = {"/camera/image_raw"}
    bench.wait_until(lambda: used(bench, "record") == wanted, "it uses something else")


def test_the_doctor_uses_what_its_profile_allows(bench: Bench, bundle_path: Path) -> None:
    gc.collect()
    for node in NODES.values():
        bench.make(node, bundle=str(bundle_path))
    seen: list[dict[str, set[str]]] = []

    def looked() -> bool:
        if now := used(bench, "doctor"):
            seen.append(now)
        return not thread.is_alive()

    thread = Thread(target=survey, args=("", 4.0))
    thread.start()
    bench.wait_until(looked, "the survey does not end")
    most = {access: set().union(*(one[access] for one in seen)) for access in seen[0]}
    # `/clock` is always listened to here: to tell whether it runs.
    wanted = profile("doctor")
    assert most == {**wanted, "subscribe": wanted["subscribe"] | {"/clock"}}


@pytest.mark.parametrize("name", ["perception", "encoder"])
def test_every_topic_of_the_shipped_configuration_may_be_subscribed(name: str) -> None:
    parameters = yaml.safe_load((CONFIG / "perception.yaml").read_text())["/**"]["ros__parameters"]
    sources = [parameters[source] for source in parameters["sources"]]
    topics = {"/" + source[key] for source in sources for key in ("topic", "info_topic") if key in source}
    assert allowed(name, "topic", "subscribe") == topics | {"/clock"}
