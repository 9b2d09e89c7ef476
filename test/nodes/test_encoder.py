from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("rclpy", reason="needs ROS 2: run `make setup`")

from diagnostic_msgs.msg import DiagnosticArray
from rclpy.parameter import Parameter
from ros_bench import Bench, real_image
from sensor_msgs.msg import PointCloud2

from omnibind_ros.modality import Modality
from omnibind_ros.nodes.encoder import EncoderNode
from omnibind_ros.results.embedding import embedding_from_message

pytestmark = pytest.mark.ros

CAMERA = {"modality": "image", "topic": "camera/image_raw"}


def values(message: DiagnosticArray) -> dict[str, str]:
    return {pair.key: pair.value for pair in message.status[0].values}


@pytest.fixture
def node(bench: Bench, bundle_path: Path) -> Any:
    bench.plug("camera/image_raw", real_image)
    bench.hear("/diagnostics", DiagnosticArray)
    return bench.make(EncoderNode, bundle=str(bundle_path), sources=["camera"], camera=CAMERA)


def test_it_publishes_embeddings_and_recognises_nothing(bench: Bench, node: Any) -> None:
    bench.hear("embedding/camera", PointCloud2)
    embedding = embedding_from_message(bench.wait_for_new("embedding/camera"), source="camera")
    assert embedding.modality is Modality.IMAGE
    assert bench.node.count_publishers("recognition") == 0
    bench.wait_for_new("/diagnostics")
    bench.wait_until(lambda: "image_encoder" in values(bench.heard["/diagnostics"][-1]), "no encoder is loaded")
    status = bench.heard["/diagnostics"][-1].status[0]
    assert (status.name, status.message) == ("encoder: encoding", "1 of 1 sources live")


def test_it_encodes_for_nobody_only_when_told_to(bench: Bench, node: Any) -> None:
    bench.wait_until(
        lambda: bench.heard["/diagnostics"] and bench.heard["/diagnostics"][-1].status[0].message[0] == "1", "not live"
    )
    assert "image_encoder" not in values(bench.wait_for_new("/diagnostics"))
    node.set_parameters([Parameter("always_on", value=True)])
    bench.wait_until(lambda: "image_encoder" in values(bench.heard["/diagnostics"][-1]), "nothing is encoded")


def test_its_lifecycle_leaves_nothing_behind(bench: Bench, node: Any) -> None:
    bench.wait_for_new("/diagnostics")
    assert bench.transition("encoder", "deactivate")
    held = [len(list(one)) for one in (node.publishers, node.subscriptions, node.timers)]
    assert bench.transition("encoder", "cleanup")
    for _ in range(2):
        for transition in ("configure", "activate", "deactivate", "cleanup"):
            assert bench.transition("encoder", transition)
        assert [len(list(one)) for one in (node.publishers, node.subscriptions, node.timers)] == held
