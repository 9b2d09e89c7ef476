"""Encoders and a fusion in one test bench: what one process recognises, several do too."""

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("rclpy", reason="needs ROS 2: run `make setup`")

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from fabricated import SECOND
from rclpy.parameter import Parameter
from ros_bench import Bench, real_image, real_thermal
from sensor_msgs.msg import PointCloud2
from tiny_bundle import SPACE, tiny_description, unit_vectors
from vision_msgs.msg import Classification

from omnibind_ros.inference.bundle_writer import write_bundle
from omnibind_ros.inference.embedding import Embedding, space_number
from omnibind_ros.modality import Modality
from omnibind_ros.nodes.encoder import EncoderNode
from omnibind_ros.nodes.fusion import FusionNode
from omnibind_ros.nodes.perception import PerceptionNode
from omnibind_ros.results.embedding import message_from_embedding

pytestmark = pytest.mark.ros

# A picture that is shown once counts for the whole test, so that both modes have the same live set.
LASTING = {"ttl": 60.0, "frozen_after": 0.0, "max_clock_offset": 60.0}
CAMERA = {"modality": "image", "topic": "/camera", **LASTING}
THERMAL = {"modality": "thermal", "topic": "/thermal", **LASTING}


@pytest.fixture
def fusion(bench: Bench, bundle_path: Path) -> FusionNode:
    bench.hear("recognition", Classification)
    bench.hear("sources", DiagnosticArray)
    node: FusionNode = bench.make(FusionNode, bundle=str(bundle_path))
    return node


def encoder(bench: Bench, bundle_path: Path, **parameters: Any) -> Any:
    return bench.make(EncoderNode, bundle=str(bundle_path), **parameters)


def values(status: Any) -> dict[str, str]:
    return {pair.key: pair.value for pair in status.values}


def test_two_encoders_and_a_fusion_recognise(bench: Bench, bundle_path: Path, fusion: FusionNode) -> None:
    encoder(bench, bundle_path, sources=["camera"], camera={"modality": "image", "topic": "camera/image_raw"})
    other = bench.make(
        lambda **arguments: EncoderNode(cli_args=["--ros-args", "-r", "__node:=other"], **arguments),
        bundle=str(bundle_path),
        sources=["thermal"],
        thermal={"modality": "thermal", "topic": "thermal/image_raw"},
    )
    camera = bench.plug("camera/image_raw", real_image)
    bench.plug("thermal/image_raw", real_thermal)
    for source in ("camera", "thermal"):
        bench.wait_for_state(source, "live")
        bench.wait_until(lambda one=source: values(bench.status(one))["weight"], f"{source} is not fused")
    bench.wait_until(lambda: float(values(bench.status("camera"))["rate_hz"]) > 1, "the encoder's report is not used")
    assert values(bench.status("camera"))["topic"] == "camera/image_raw"
    camera.unplug()
    bench.wait_for_state("camera", "absent")
    bench.wait_until(lambda: values(bench.status("thermal"))["weight"] == "1.000", "the camera is still fused")
    bench.remove(other)
    bench.wait_for_state("thermal", "stale")


def test_two_encoders_that_offer_the_same_source_are_told_with_the_remedy(
    bench: Bench, bundle_path: Path, fusion: FusionNode, capfd: pytest.CaptureFixture[str]
) -> None:
    """Two of the same name even, as when the same launch file is started on two hosts."""
    camera = {"modality": "image", "topic": "camera/image_raw"}
    _, second = (encoder(bench, bundle_path, sources=["camera"], camera=camera) for _ in range(2))
    bench.plug("camera/image_raw", real_image)

    def shown() -> list[str]:
        status = bench.status("camera")
        return values(status)["encoders"].split(", ") if status else []

    bench.wait_until(lambda: len(shown()) == 2, "the second encoder is not shown")
    status = bench.wait_for_state("camera", "live")
    assert status.level == DiagnosticStatus.WARN
    assert all(one.startswith("/encoder on ") for one in shown())
    assert "camera (/encoder on " in fusion._supply.details()["offered_twice"]
    told = capfd.readouterr().err
    assert told.count("camera: it is offered by two encoders") == 1
    assert "give one of the two another name in the parameter `sources`" in told
    bench.remove(second)
    bench.wait_until(lambda: len(shown()) == 1, "the encoder that ended is still shown")
    assert bench.wait_for_state("camera", "live").level == DiagnosticStatus.OK


def in_namespace(node_class: Any, namespace: str) -> Any:
    """Makes nodes of a class in a namespace."""
    return lambda **arguments: node_class(cli_args=["--ros-args", "-r", f"__ns:=/{namespace}"], **arguments)


@pytest.fixture
def both(bench: Bench, bundle_path: Path) -> dict[str, list[Any]]:
    """Recognitions of `perception`, and of an encoder with a fusion, in a namespace each, from the same sensors."""
    common = {"bundle": str(bundle_path), "always_on": True}
    sources = {"sources": ["camera", "thermal"], "camera": CAMERA, "thermal": THERMAL}
    bench.make(in_namespace(PerceptionNode, "composed"), **common, **sources)
    bench.make(in_namespace(EncoderNode, "distributed"), **common, **sources)
    bench.make(in_namespace(FusionNode, "distributed"), **common)
    return {mode: bench.hear(f"/{mode}/recognition", Classification) for mode in ("composed", "distributed")}


def test_composed_and_distributed_recognise_the_same(bench: Bench, both: dict[str, list[Any]]) -> None:
    """A sequence of pictures, one at a time; after each, both have the same two embeddings to fuse."""
    publishers = {
        "/camera": (real_image, bench.node.create_publisher(type(real_image(0)), "/camera", 5)),
        "/thermal": (real_thermal, bench.node.create_publisher(type(real_thermal(0)), "/thermal", 5)),
    }
    for _, publisher in publishers.values():
        bench.wait_until(lambda one=publisher: one.get_subscription_count() == 2, "not everybody listens")
    for topic in ("/distributed/embedding/camera", "/distributed/embedding/thermal"):
        bench.wait_until(lambda one=topic: bench.node.count_subscribers(one) == 1, "the fusion does not listen")

    def newest(mode: str, stamp: Any) -> Any:
        return next((one for one in reversed(both[mode]) if one.header.stamp == stamp), None)

    compared = 0
    for number in range(12):
        make, publisher = publishers["/camera" if number % 2 else "/thermal"]
        message = make(bench.node.get_clock().now().nanoseconds)
        publisher.publish(message)
        for mode in both:
            bench.wait_until(
                lambda one=mode, stamp=message.header.stamp: newest(one, stamp), f"{mode}: no recognition of it"
            )
        one, other = (newest(mode, message.header.stamp) for mode in both)
        assert [result.class_id for result in one.results] == [result.class_id for result in other.results]
        for result, counterpart in zip(one.results, other.results, strict=True):
            assert result.score == pytest.approx(counterpart.score, abs=1e-4)
        compared += 1
    assert compared == 12


def test_embeddings_without_an_encoder_are_fused_by_their_age(bench: Bench, fusion: FusionNode) -> None:
    """A recording of embeddings has no encoder that reports."""
    bench.plug("embedding/eye", embedding_message)
    bench.wait_for_state("eye", "live")
    assert values(bench.status("eye"))["modality"] == "image"
    assert bench.wait_for_new("recognition").header.frame_id == "eye"


def embedding_message(now_ns: int, *, space: str = SPACE) -> PointCloud2:
    vector = unit_vectors(1, seed=now_ns // SECOND)[0]
    return message_from_embedding(Embedding("eye", Modality.IMAGE, vector, 1.0, now_ns, "eye", space_number(space)))


def test_an_embedding_of_another_bundle_is_refused_and_told(
    bench: Bench, fusion: FusionNode, capfd: pytest.CaptureFixture[str]
) -> None:
    sensor = bench.plug("embedding/eye", embedding_message, space="another space")
    status = bench.wait_for_state("eye", "faulty")
    assert "run every encoder and the fusion with the same bundle" in status.message
    bench.wait_for_new("sources")
    assert capfd.readouterr().err.count("its embeddings come from space") <= 2
    assert bench.heard["recognition"] == []
    sensor.changes = {}
    bench.wait_for_state("eye", "live")


def test_nothing_is_encoded_elsewhere_for_nobody(bench: Bench, bundle_path: Path) -> None:
    bench.hear("sources", DiagnosticArray)
    node = bench.make(FusionNode, bundle=str(bundle_path))
    encoder(bench, bundle_path, sources=["camera"], camera={"modality": "image", "topic": "camera/image_raw"})
    bench.plug("camera/image_raw", real_image)
    bench.wait_for_state("camera", "live")
    bench.wait_for_new("sources")
    assert bench.node.count_subscribers("embedding/camera") == 0
    node.set_parameters([Parameter("always_on", value=True)])
    bench.wait_until(lambda: bench.node.count_subscribers("embedding/camera") == 1, "it does not listen")
    bench.wait_until(lambda: values(bench.status("camera"))["weight"] == "1.000", "nothing is fused")


def test_only_what_it_follows_is_fused(bench: Bench, fusion: FusionNode) -> None:
    bench.plug("embedding/eye", embedding_message)
    bench.plug("embedding/other_eye", embedding_message)
    bench.wait_for_state("eye", "live")
    bench.wait_for_state("other_eye", "live")
    fusion.set_parameters([Parameter("follow", Parameter.Type.STRING_ARRAY, ["eye"])])
    bench.wait_until(lambda: bench.status("other_eye") is None, "it is still followed")
    bench.wait_for_state("eye", "live")
    fusion.set_parameters([Parameter("modalities", Parameter.Type.STRING_ARRAY, ["audio"])])
    bench.wait_until(lambda: bench.status("eye") is None, "it is still followed")


def test_its_lifecycle_leaves_nothing_behind(bench: Bench, bundle_path: Path) -> None:
    bench.hear("recognition", Classification)
    bench.hear("sources", DiagnosticArray)
    node = bench.make(FusionNode, bundle=str(bundle_path), autostart=False)
    bench.plug("embedding/eye", embedding_message)

    def holdings() -> tuple[int, int, int]:
        return len(list(node.publishers)), len(list(node.subscriptions)), len(list(node.timers))

    idle = holdings()
    for _ in range(2):
        assert bench.transition("fusion", "configure")
        assert bench.transition("fusion", "activate")
        bench.wait_for_state("eye", "live")
        assert bench.transition("fusion", "deactivate")
        assert holdings() == idle
        assert bench.transition("fusion", "cleanup")
        bench.heard["sources"].clear()


def test_another_space_after_a_reload_is_noticed(bench: Bench, tmp_path: Path) -> None:
    bench.hear("recognition", Classification)
    bench.hear("sources", DiagnosticArray)
    description, contents = tiny_description()
    write_bundle(tmp_path / "one", description, contents)
    write_bundle(tmp_path / "other", {**description, "space": {**description["space"], "id": "another"}}, contents)
    node = bench.make(FusionNode, bundle=str(tmp_path / "one"))
    bench.plug("embedding/eye", embedding_message)
    bench.wait_for_state("eye", "live")
    node.set_parameters([Parameter("bundle", value=str(tmp_path / "other"))])
    bench.wait_for_state("eye", "faulty")
