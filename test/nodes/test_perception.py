"""The perception node on real DDS: sensors come, go and lie, the configuration is wrong, and the node lives on."""

import shutil
import threading
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("rclpy", reason="needs ROS 2: run `make setup`")

import numpy as np
from diagnostic_msgs.msg import DiagnosticArray
from rclpy.parameter import Parameter
from ros_bench import Bench, real_audio, real_image, real_thermal
from sensor_msgs.msg import PointCloud2
from std_msgs.msg import String
from tiny_bundle import LABELS, SPACE
from vision_msgs.msg import Classification

from omnibind_ros.inference.embedding import space_number
from omnibind_ros.modality import Modality
from omnibind_ros.nodes.perception import PerceptionNode
from omnibind_ros.results.embedding import embedding_from_message

pytestmark = pytest.mark.ros

CAMERA = {"modality": "image", "topic": "camera/image_raw"}
THERMAL = {"modality": "thermal", "topic": "thermal/image_raw"}
MICROPHONE = {"modality": "audio", "topic": "microphone/audio", "ttl": 1.5}


@pytest.fixture
def perception(bench: Bench, bundle_path: Path) -> PerceptionNode:
    """A node with three sources, and a listener to `recognition` and `sources`."""
    bench.hear("recognition", Classification)
    bench.hear("sources", DiagnosticArray)
    node: PerceptionNode = bench.make(
        PerceptionNode,
        bundle=str(bundle_path),
        sources=["camera", "thermal", "microphone"],
        camera=CAMERA,
        thermal=THERMAL,
        microphone=MICROPHONE,
    )
    return node


def workers() -> int:
    return sum(thread.name == "omnibind worker" for thread in threading.enumerate())


def values(status: Any) -> dict[str, str]:
    return {pair.key: pair.value for pair in status.values}


def test_sensors_that_appear_later_are_used_and_those_that_go_are_not(bench: Bench, perception: PerceptionNode) -> None:
    for source in ("camera", "thermal", "microphone"):
        bench.wait_for_state(source, "absent")
    assert bench.heard["recognition"] == []

    camera = bench.plug("camera/image_raw", real_image)
    bench.wait_for_state("camera", "live")
    recognition = bench.wait_for_new("recognition")
    assert {one.class_id for one in recognition.results} == set(LABELS)
    scores = [one.score for one in recognition.results]
    assert scores == sorted(scores, reverse=True)
    assert recognition.header.frame_id == "sensor"
    bench.wait_until(lambda: values(bench.status("camera"))["weight"] == "1.000", "the camera is not fused alone")

    bench.plug("microphone/audio", real_audio)
    bench.plug("thermal/image_raw", real_thermal)
    for source in ("thermal", "microphone"):
        bench.wait_for_state(source, "live")
        bench.wait_until(lambda one=source: values(bench.status(one))["weight"], f"{source} is not fused")
        assert values(bench.status(source))["label"] in LABELS

    camera.unplug()
    bench.wait_for_state("camera", "absent")
    bench.wait_for_new("recognition")
    assert values(bench.status("camera"))["weight"] == ""

    bench.plug("camera/image_raw", real_image)
    bench.wait_for_state("camera", "live")


def test_everything_is_published(bench: Bench, perception: PerceptionNode, bundle_path: Path) -> None:
    bench.plug("camera/image_raw", real_image)
    bench.hear("fused_embedding", PointCloud2)
    bench.hear("embedding/camera", PointCloud2)
    bench.hear("/diagnostics", DiagnosticArray)
    own = embedding_from_message(bench.wait_for_new("embedding/camera"), source="camera")
    assert own.modality is Modality.IMAGE
    assert own.space == space_number(SPACE)
    fused = embedding_from_message(bench.wait_for_new("fused_embedding"), source="fused")
    assert fused.modality is None
    assert np.linalg.norm(fused.vector) == pytest.approx(1.0, abs=1e-4)
    bench.wait_until(
        lambda: (
            bench.heard["/diagnostics"]
            and bench.heard["/diagnostics"][-1].status[0].message == "1 of 3 sources live"
            and "image_encoder" in values(bench.heard["/diagnostics"][-1].status[0])
        ),
        "the node's health does not tell what runs",
    )
    status = bench.heard["/diagnostics"][-1].status[0]
    assert status.name == "perception: recognition"
    assert values(status)["bundle"] == "tiny"
    assert values(status)["live_sources"] == "camera"
    assert values(status)["image_encoder"] == "CPU, fp32"


def test_nothing_is_computed_for_nobody(bench: Bench, bundle_path: Path) -> None:
    bench.hear("sources", DiagnosticArray)
    bench.hear("/diagnostics", DiagnosticArray)
    node = bench.make(PerceptionNode, bundle=str(bundle_path), sources=["camera"], camera=CAMERA)
    bench.plug("camera/image_raw", real_image)
    bench.wait_for_state("camera", "live")
    for _ in range(2):
        assert "image_encoder" not in values(bench.wait_for_new("/diagnostics").status[0])
    node.set_parameters([Parameter("always_on", value=True)])
    bench.wait_until(
        lambda: "image_encoder" in values(bench.heard["/diagnostics"][-1].status[0]), "always_on does nothing"
    )


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"step": 7}, "set step to 192"),
        ({"encoding": "smell8"}, "smell8"),
        ({"height": 0, "width": 0, "step": 0, "data": b""}, "0 x 0"),
        ({"data": b"cut short"}, "cut short"),
    ],
    ids=["step", "encoding", "size", "data"],
)
def test_a_camera_that_sends_nonsense_is_faulty_and_the_others_live_on(
    bench: Bench, perception: PerceptionNode, changes: dict[str, Any], problem: str, capfd: pytest.CaptureFixture[str]
) -> None:
    camera = bench.plug("camera/image_raw", real_image, **changes)
    bench.plug("thermal/image_raw", real_thermal)
    status = bench.wait_for_state("camera", "faulty")
    assert problem in status.message
    assert status.hardware_id == "camera/image_raw"
    bench.wait_for_state("thermal", "live")
    bench.wait_for_new("recognition")
    bench.wait_until(lambda: int(values(bench.status("camera"))["errors"]) >= 5, "no more errors are counted")
    said = capfd.readouterr().err
    assert len([line for line in said.splitlines() if "[ERROR]" in line and "camera: " in line]) == 1

    camera.changes = {}
    bench.wait_for_state("camera", "live")


def test_a_camera_that_repeats_itself_is_frozen(bench: Bench, perception: PerceptionNode) -> None:
    bench.plug("camera/image_raw", real_image, seed=1)
    bench.wait_for_state("camera", "live")
    status = bench.wait_for_state("camera", "frozen")
    assert "same content" in status.message
    assert values(status)["weight"] == ""


def test_a_topic_of_another_type_is_a_fault_with_the_remedy(bench: Bench, perception: PerceptionNode) -> None:
    wrong = bench.plug("camera/image_raw", lambda _: String(data="click"))
    status = bench.wait_for_state("camera", "faulty")
    assert "std_msgs/msg/String, not sensor_msgs/msg/Image" in status.message
    assert "remap" in status.message
    wrong.unplug()
    bench.wait_for_state("camera", "absent")
    bench.plug("camera/image_raw", real_image)
    bench.wait_for_state("camera", "live")


def test_the_operator_switches_a_source_off_and_on(bench: Bench, perception: PerceptionNode) -> None:
    bench.plug("camera/image_raw", real_image)
    bench.wait_for_state("camera", "live")
    perception.set_parameters([Parameter("camera.enabled", value=False)])
    bench.wait_for_state("camera", "disabled")
    perception.set_parameters([Parameter("camera.enabled", value=True)])
    bench.wait_for_state("camera", "live")


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"modality": "smell", "topic": "nose"}, "there is no modality 'smell' (set `odd.modality` to one of image,"),
        ({"modality": "point", "topic": "lidar"}, "the bundle tiny has no encoder for point"),
        ({"modality": "image"}, "the source has no topic (set `odd.topic`)"),
        ({"modality": "image", "topic": "not a topic"}, "'not a topic' cannot be a topic"),
        (
            {"modality": "image", "topic": "x", "ttl": 1},
            "set `odd.ttl` to a number from 0.01 to 3600.0, written like 0.5",
        ),
        (
            {"modality": "audio", "topic": "x", "sample_rate": 7},
            "set `odd.sample_rate` to a number from 1000 to 768000",
        ),
        ({"modality": "audio", "topic": "x", "sample_format": "S9"}, "S9"),
    ],
)
def test_a_source_that_makes_no_sense_is_left_out_with_one_error(
    bench: Bench, bundle_path: Path, settings: dict[str, Any], problem: str, capfd: pytest.CaptureFixture[str]
) -> None:
    bench.hear("sources", DiagnosticArray)
    bench.make(PerceptionNode, bundle=str(bundle_path), sources=["odd", "camera"], odd=settings, camera=CAMERA)
    bench.plug("camera/image_raw", real_image)
    bench.wait_for_state("camera", "live")
    assert bench.status("odd") is None
    (error,) = [line for line in capfd.readouterr().err.splitlines() if "[ERROR]" in line]
    assert "source left out: odd: " in error
    assert problem in error


@pytest.mark.parametrize("name", ["front camera", "", "a/b", "7th"])
def test_a_source_whose_name_ros_cannot_have_is_left_out(
    bench: Bench, bundle_path: Path, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    bench.make(PerceptionNode, bundle=str(bundle_path), sources=[name, "camera"], camera=CAMERA)
    assert bench.lifecycle_state("perception") == "active"
    assert f"{name!r} cannot be a source's name" in capfd.readouterr().err


def test_without_sources_it_runs_and_says_so(bench: Bench, bundle_path: Path) -> None:
    bench.hear("/diagnostics", DiagnosticArray)
    bench.make(PerceptionNode, bundle=str(bundle_path))
    assert bench.wait_for_new("/diagnostics").status[0].message == "0 of 0 sources live"


def test_with_a_broken_bundle_it_waits_unconfigured_until_it_is_mended(
    bench: Bench, bundle_path: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = Path(shutil.copytree(bundle_path, tmp_path / "tiny"))
    (folder / "image.onnx").unlink()
    bench.make(PerceptionNode, bundle=str(folder), sources=["camera"], camera=CAMERA)
    assert bench.lifecycle_state("perception") == "unconfigured"
    said = capfd.readouterr().err
    assert f"cannot configure: {folder}/image.onnx: cannot be read" in said
    assert "copy the bundle again" in said
    assert not bench.transition("perception", "configure")
    shutil.copy(bundle_path / "image.onnx", folder)
    assert bench.transition("perception", "configure")
    assert bench.transition("perception", "activate")
    assert bench.lifecycle_state("perception") == "active"


def test_another_bundle_can_be_named_after_the_first_was_not_there(
    bench: Bench, bundle_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    node = bench.make(PerceptionNode, bundle="/nowhere/at/all", sources=["camera"], camera=CAMERA)
    assert bench.lifecycle_state("perception") == "unconfigured"
    assert "set the parameter `bundle`" in capfd.readouterr().err
    (result,) = node.set_parameters([Parameter("bundle", value=str(bundle_path))])
    assert result.successful
    assert bench.transition("perception", "configure")


def test_the_lifecycle_can_be_walked_again_and_again_and_leaves_nothing_behind(bench: Bench, bundle_path: Path) -> None:
    bench.hear("recognition", Classification)
    bench.hear("sources", DiagnosticArray)
    workers_before = workers()
    bench.plug("camera/image_raw", real_image)
    node = bench.make(PerceptionNode, bundle=str(bundle_path), autostart=False, sources=["camera"], camera=CAMERA)

    def holdings() -> tuple[int, int, int, int]:
        return (
            len(list(node.publishers)),
            len(list(node.subscriptions)),
            len(list(node.timers)),
            workers() - workers_before,
        )

    assert bench.lifecycle_state("perception") == "unconfigured"
    idle = holdings()
    busy = set()
    for _ in range(2):
        assert bench.transition("perception", "configure")
        assert holdings() == idle
        assert bench.transition("perception", "activate")
        bench.wait_for_state("camera", "live")
        bench.wait_for_new("recognition")
        busy.add(holdings())
        assert bench.transition("perception", "deactivate")
        assert holdings() == idle
        assert bench.transition("perception", "cleanup")
        assert bench.lifecycle_state("perception") == "unconfigured"
        bench.heard["sources"].clear()
    assert len(busy) == 1, "each round holds the same"
    assert workers() == workers_before


def test_it_can_be_paused_and_resumed_without_loading_anything_again(bench: Bench, perception: PerceptionNode) -> None:
    bench.plug("camera/image_raw", real_image)
    bench.wait_for_new("recognition")
    assert bench.transition("perception", "deactivate")
    bench.heard["recognition"].clear()
    assert bench.transition("perception", "activate")
    bench.wait_for_new("recognition")


def test_shutting_down_from_any_state_ends_its_work(bench: Bench, perception: PerceptionNode) -> None:
    bench.wait_for_new("sources")
    workers_before = workers()
    assert bench.transition("perception", "shutdown")
    assert bench.lifecycle_state("perception") == "finalized"
    assert workers() == workers_before - 1
