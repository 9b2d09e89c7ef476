"""Sources that are found, added, changed and removed while a real node runs."""

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("rclpy", reason="needs ROS 2: run `make setup`")

from diagnostic_msgs.msg import DiagnosticArray
from rclpy.parameter import Parameter
from ros_bench import Bench, real_image, real_thermal
from sensor_msgs.msg import PointCloud2
from vision_msgs.msg import Classification

from omnibind_ros.nodes.parameters import value as value_of
from omnibind_ros.nodes.perception import PerceptionNode
from omnibind_ros.pipeline import discovery

pytestmark = pytest.mark.ros

CAMERA = {"modality": "image", "topic": "camera/image_raw"}
THERMAL = {"modality": "thermal", "topic": "thermal/image_raw"}
CAMERAS = {"modality": "image", "topic": "camera*/image_raw", "type": "sensor_msgs/msg/Image", "frozen_after": 0.0}


@pytest.fixture
def listening(bench: Bench, bundle_path: Path) -> Any:
    """Makes a node whose results somebody hears."""
    bench.hear("recognition", Classification)
    bench.hear("sources", DiagnosticArray)
    return lambda **parameters: bench.make(PerceptionNode, bundle=str(bundle_path), **parameters)


def names(bench: Bench) -> set[str]:
    reports = bench.heard["sources"]
    return {status.name for status in reports[-1].status} if reports else set()


def wait_for_names(bench: Bench, *expected: str) -> None:
    bench.wait_until(lambda: names(bench) == set(expected), f"the sources are not {expected}, but {names(bench)}")


def set_one(node: Any, name: str, value: Any) -> Any:
    kind = Parameter.Type.STRING_ARRAY if isinstance(value, list) else None
    (result,) = node.set_parameters([Parameter(name, kind, value) if kind else Parameter(name, value=value)])
    return result


def test_cameras_that_nobody_configured_are_used_when_they_appear_and_leave_when_they_go(
    bench: Bench, listening: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(discovery, "FORGET_AFTER_S", 1.0)
    listening(sources=["thermal"], thermal=THERMAL, discover=["cameras"], cameras=CAMERAS)
    wait_for_names(bench, "thermal")
    sensors = {f"camera_{number}": bench.plug(f"camera_{number}/image_raw", real_image) for number in range(3)}
    for name in sensors:
        bench.wait_for_state(f"{name}_image_raw", "live")
    bench.hear("embedding/camera_1_image_raw", PointCloud2)
    bench.wait_for_new("embedding/camera_1_image_raw")
    sensors["camera_1"].unplug()
    bench.wait_for_state("camera_1_image_raw", "absent")
    wait_for_names(bench, "thermal", "camera_0_image_raw", "camera_2_image_raw")
    bench.wait_for_new("recognition")
    bench.plug("camera_1/image_raw", real_image)
    bench.wait_for_state("camera_1_image_raw", "live")


def test_a_configured_topic_is_never_claimed_and_results_are_no_sensors(bench: Bench, listening: Any) -> None:
    everything = {"modality": "image", "topic": "/*"}
    listening(sources=["camera"], camera=CAMERA, discover=["everything"], everything=everything)
    bench.plug("camera/image_raw", real_image)
    bench.plug("other", real_image)
    bench.plug("overlay", real_image)
    bench.hear("fused_embedding", PointCloud2)
    bench.wait_for_state("other", "live")
    bench.wait_for_new("fused_embedding")
    assert names(bench) == {"camera", "other"}


def test_a_rule_can_be_added_changed_and_removed(bench: Bench, listening: Any) -> None:
    node = listening()
    bench.plug("camera_0/image_raw", real_image)
    assert set_one(node, "discover", ["cameras"]).successful
    for key, value in CAMERAS.items():
        assert set_one(node, f"cameras.{key}", value).successful
    bench.wait_for_state("camera_0_image_raw", "live")
    refused = set_one(node, "cameras.type", "std_msgs/msg/String")
    assert not refused.successful
    assert "image is not decoded from std_msgs/msg/String" in refused.reason
    assert set_one(node, "cameras.enabled", False).successful
    bench.wait_for_state("camera_0_image_raw", "disabled")
    assert set_one(node, "discover", [""]).successful  # as the command line writes an empty list
    wait_for_names(bench)


def test_a_source_is_added_and_removed_at_run_time(
    bench: Bench, listening: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    node = listening(sources=["thermal"], thermal=THERMAL)
    bench.plug("thermal/image_raw", real_thermal)
    bench.plug("camera/image_raw", real_image)
    bench.wait_for_state("thermal", "live")
    assert set_one(node, "sources", ["thermal", "camera"]).successful
    assert "source left out: camera: the source has no topic (set `camera.topic`)" in capfd.readouterr().err
    assert set_one(node, "camera.modality", "image").successful
    assert set_one(node, "camera.topic", "camera/image_raw").successful
    bench.wait_for_state("camera", "live")
    bench.hear("embedding/camera", PointCloud2)
    bench.wait_for_new("embedding/camera")
    assert set_one(node, "sources", ["camera"]).successful
    wait_for_names(bench, "camera")
    bench.wait_until(lambda: bench.node.count_publishers("embedding/thermal") == 0, "its topic is still there")
    bench.wait_until(lambda: bench.node.count_subscribers("thermal/image_raw") == 0, "it is still subscribed")
    bench.wait_for_new("recognition")


def test_a_source_that_is_changed_is_made_anew_and_the_others_go_on(bench: Bench, listening: Any) -> None:
    node = listening(sources=["camera", "thermal"], camera=CAMERA, thermal=THERMAL)
    bench.plug("thermal/image_raw", real_thermal)
    bench.plug("elsewhere", real_image)
    bench.wait_for_state("thermal", "live")
    bench.wait_for_state("camera", "absent")
    assert set_one(node, "camera.topic", "elsewhere").successful
    status = bench.wait_for_state("camera", "live")
    assert status.hardware_id == "elsewhere"
    subscriptions = len(list(node.subscriptions))
    for ttl_s in (1.0, 2.0, 3.0):
        assert set_one(node, "camera.ttl", ttl_s).successful
    bench.wait_until(
        lambda: {"ttl_s": "3.000"}.items() <= {pair.key: pair.value for pair in bench.status("camera").values}.items(),
        "the ttl is not used",
    )
    bench.wait_for_state("camera", "live")
    assert len(list(node.subscriptions)) == subscriptions
    assert bench.status("thermal").message.startswith("live")


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("camera.topic", "not a topic", "'not a topic' cannot be a topic"),
        ("camera.topic", "", "the source has no topic"),
        ("camera.modality", "smell", "there is no modality 'smell'"),
        ("camera.modality", "point", "the bundle tiny has no encoder for point"),
        ("camera.sample_rate", 7, "range"),
        ("camera.ttl", 0.0, "range"),
        ("microphone.sample_format", "S9", "S9"),
        ("sources", ["camera", "camera"], "'camera' is named twice"),
        ("sources", ["front camera"], "cannot be a source's name"),
        ("discover", ["camera"], "'camera' is named twice"),
        ("modalities", ["smell"], "set `modalities` to some of image"),
    ],
)
def test_a_wrong_value_is_refused_with_a_reason_and_the_old_one_stays(
    bench: Bench, listening: Any, name: str, value: Any, reason: str
) -> None:
    microphone = {"modality": "audio", "topic": "sound"}
    node = listening(sources=["camera", "microphone"], camera=CAMERA, microphone=microphone)
    before = value_of(node, name)
    result = set_one(node, name, value)
    assert not result.successful
    assert reason.lower() in result.reason.lower()
    assert value_of(node, name) == before
    bench.plug("camera/image_raw", real_image)
    bench.wait_for_state("camera", "live")


def test_only_the_chosen_modalities_are_used(bench: Bench, listening: Any) -> None:
    node = listening(sources=["camera", "thermal"], camera=CAMERA, thermal=THERMAL, modalities=["thermal"])
    wait_for_names(bench, "thermal")
    assert set_one(node, "modalities", ["image", "thermal"]).successful
    wait_for_names(bench, "camera", "thermal")
    assert set_one(node, "modalities", [""]).successful
    bench.wait_for_new("sources")
    assert names(bench) == {"camera", "thermal"}


def test_nothing_piles_up_while_a_source_comes_and_goes(bench: Bench, listening: Any) -> None:
    node = listening(sources=["camera"], camera=CAMERA)
    bench.plug("camera/image_raw", real_image)
    bench.wait_for_state("camera", "live")

    def holdings() -> tuple[int, int, int]:
        return len(list(node.subscriptions)), len(list(node.publishers)), len(list(node.waitables))

    before = holdings()
    for _ in range(3):
        set_one(node, "sources", [])
        set_one(node, "sources", ["camera"])
    bench.wait_for_state("camera", "live")
    assert holdings() == before
    assert bench.node.get_subscriptions_info_by_topic("camera/image_raw")[0].topic_type == "sensor_msgs/msg/Image"
