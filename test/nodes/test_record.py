import json
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

pytest.importorskip("rclpy", reason="needs ROS 2: run `make setup`")

from diagnostic_msgs.msg import DiagnosticArray
from rclpy.qos import DurabilityPolicy, QoSProfile, qos_profile_sensor_data
from ros_bench import RATE_HZ, Bench, Sensor, real_image
from sensor_msgs.msg import Image
from std_msgs.msg import String

from omnibind_ros.errors import BagError
from omnibind_ros.nodes.perception import PerceptionNode
from omnibind_ros.nodes.record import Recorder
from omnibind_ros.replay.audit import audit
from omnibind_ros.replay.bag import Bag
from omnibind_ros.replay.command import replay

pytestmark = pytest.mark.ros

# Cameras keep no state from frame to frame: a frame that a busy node leaves out changes nothing in those that follow.
SOURCES = {name: {"modality": "image", "topic": name} for name in ("left", "right")}
# So fast that the node recognises every embedding: then each of its recognitions has a counterpart in the replay.
MAX_RATE_HZ = 1000.0


def record(bench: Bench, folder: Path, *topics: str, storage: str = "mcap") -> Recorder:
    def make(**arguments: Any) -> Recorder:
        return Recorder(topics, folder, storage, context=arguments["context"])

    recorder: Recorder = bench.make(make)
    return recorder


def plug(bench: Bench, name: str) -> Sensor:
    """Plug a camera that sends its frames half a period before or after the other one.

    Of two messages that come at once, an executor may take the later one first.
    """
    phase_s = 0.0 if name == "left" else 0.5 / RATE_HZ
    bench.wait_until(lambda: abs(time.monotonic() % (1 / RATE_HZ) - phase_s) < 0.1 / RATE_HZ, "time stands still")
    return bench.plug(name, real_image)


def rows(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "recognitions.jsonl").read_text().splitlines()]


def test_what_a_robot_said_is_what_replay_says(bench: Bench, bundle_path: Path, tmp_path: Path) -> None:
    bench.hear("sources", DiagnosticArray)
    recorder = record(bench, tmp_path / "bag", *SOURCES, "recognition", "evidence", "sources")
    parameters = {"bundle": str(bundle_path), "max_rate": MAX_RATE_HZ, "sources": [*SOURCES], **SOURCES}
    perception = bench.make(PerceptionNode, **parameters)
    with bench.apart(perception), bench.apart(recorder):
        announced = [bench.node.create_publisher(Image, name, qos_profile_sensor_data) for name in SOURCES]
        bench.wait_until(lambda: all(one.get_subscription_count() == 2 for one in announced), "nobody listens")
        sensors = {name: plug(bench, name) for name in SOURCES}
        for name in SOURCES:
            bench.wait_for_state(name, "live")
        bench.wait_until(lambda: recorder.messages["/recognition"] > 30, "too few recognitions were recorded")
        for publisher in announced:
            bench.node.destroy_publisher(publisher)
        sensors["left"].unplug()
        bench.wait_for_state("left", "absent")
        plug(bench, "left")
        bench.wait_for_state("left", "live")
        more = recorder.messages["/recognition"] + 30
        bench.wait_until(
            lambda: recorder.messages["/recognition"] > more, "too few recognitions after the camera came back"
        )
    bench.remove(recorder)

    config = tmp_path / "robot.yaml"
    config.write_text(yaml.safe_dump({"/**": {"ros__parameters": parameters}}))
    figures = replay(tmp_path / "bag", tmp_path / "out", config=config)
    with Bag(tmp_path / "bag") as bag:
        (topic,) = (one for one in bag.topics if one.name == "/recognition")
        said = [
            (
                one.message.header.stamp.sec * 10**9 + one.message.header.stamp.nanosec,
                one.message.results[0].class_id,
                round(one.message.results[0].score, 4),
            )
            for one in bag.messages((topic,))
        ]
    # A node that works while two frames come in takes them at once; replay recognises after each. Both end at the same
    # stamp, so that what the node said is among what replay said of that stamp.
    replayed = {(row["stamp_ns"], row["label"], round(row["score"], 4)) for row in rows(tmp_path / "out")}
    same = [one for one in said if one in replayed]
    assert len(said) > 60
    assert len(same) >= 0.9 * len(said), f"{len(same)} of {len(said)}"
    recorded = figures["as_recorded"]
    assert recorded["matched"] >= 0.9 * recorded["recorded"]
    absent = [
        json.loads(line)["source"]
        for line in (tmp_path / "out" / "transitions.jsonl").read_text().splitlines()
        if json.loads(line)["after"] == "absent"
    ]
    assert absent == ["left"]
    decided = audit(tmp_path / "bag", tmp_path / "decisions", config=config)
    assert decided["same"] == decided["decisions"] >= 0.9 * len(said)
    for source in SOURCES:
        assert decided["embeddings"][source]["same"] == decided["embeddings"][source]["in_bag"] > 20


@pytest.mark.parametrize("storage", ["mcap", "sqlite3"])
def test_a_topic_that_comes_later_and_a_latched_one_are_recorded(bench: Bench, tmp_path: Path, storage: str) -> None:
    latched = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
    bench.node.create_publisher(String, "truth", latched).publish(String(data="said before"))
    recorder = record(bench, tmp_path / "bag", "truth", "eye", storage=storage)
    bench.wait_until(lambda: recorder.messages["/truth"], "what was latched was not recorded")
    bench.plug("eye", real_image)
    bench.wait_until(lambda: recorder.messages["/eye"] > 2, "the late topic was not recorded")
    bench.remove(recorder)
    with Bag(tmp_path / "bag") as bag:
        first = next(iter(bag.messages(tuple(topic for topic in bag.topics if topic.name == "/truth"))))
        assert first.message.data == "said before"
        eye = tuple(topic for topic in bag.topics if topic.name == "/eye")
        stamps = [(one.received_ns, one.message.header.stamp) for one in bag.messages(eye)]
    assert all(0 <= received_ns - (stamp.sec * 10**9 + stamp.nanosec) < 10**9 for received_ns, stamp in stamps)


def test_a_topic_that_changes_its_type_goes_on(bench: Bench, tmp_path: Path) -> None:
    recorder = record(bench, tmp_path / "bag", "eye")
    eye = bench.plug("eye", real_image)
    bench.wait_until(lambda: recorder.messages["/eye"], "nothing was recorded")
    eye.unplug()
    publisher = bench.node.create_publisher(String, "eye", 5)
    seen = recorder.messages["/eye"]

    def more() -> bool:
        publisher.publish(String(data="now words"))
        return recorder.messages["/eye"] > seen

    bench.wait_until(more, "the new type was not recorded")
    bench.remove(recorder)
    with Bag(tmp_path / "bag") as bag:
        kinds = {topic.message_type for topic in bag.topics}
    assert kinds == {f"sensor_msgs/msg/{Image.__name__}", f"std_msgs/msg/{String.__name__}"}


def test_a_bag_is_never_written_over(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "bag").mkdir()
    with pytest.raises(BagError, match="name a new one"):
        record(bench, tmp_path / "bag", "eye")
    with pytest.raises(BagError, match="cannot be written"):
        record(bench, Path("/proc/bag"), "eye")
