"""The half that listens to encoders, by itself: what is malformed, what is offered, and who needs it."""

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("rclpy", reason="needs ROS 2: run `make setup`")

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from rclpy.node import Node
from rclpy.qos import QoSProfile, ReliabilityPolicy
from ros_bench import Bench
from sensor_msgs.msg import PointCloud2
from tiny_bundle import SPACE, unit_vectors

from omnibind_ros.inference.bundle import load_bundle
from omnibind_ros.inference.embedding import Embedding, space_number
from omnibind_ros.modality import Modality
from omnibind_ros.nodes.journal import Journal
from omnibind_ros.nodes.parameters import declare
from omnibind_ros.nodes.remote_supply import RemoteSupply
from omnibind_ros.nodes.status_output import STATUS_QOS
from omnibind_ros.pipeline.parameters import FUSION_PARAMETERS
from omnibind_ros.results.embedding import message_from_embedding

pytestmark = pytest.mark.ros

TABLE = Embedding("eye", Modality.IMAGE, unit_vectors(1)[0], 1.0, 5, "eye", space_number(SPACE))


class Half:
    def __init__(self, bench: Bench, bundle_path: Path) -> None:
        self.node: Any = bench.make(lambda **arguments: Node("robot", **arguments))
        declare(self.node, FUSION_PARAMETERS)
        self.supply = RemoteSupply(self.node, Journal(self.node.get_logger()), lambda: None)
        self.supply.prepare(load_bundle(bundle_path))()
        self.supply.open()

    def hears(self, *, wanted: bool = True) -> list[str]:
        """The sources of the embeddings that one round brings."""
        self.supply.poll()
        step = self.supply.step(self.node.get_clock().now().nanoseconds, wanted=wanted, due=True)
        return [embedding.source for embedding in step.embeddings]


@pytest.fixture
def half(bench: Bench, bundle_path: Path) -> Half:
    return Half(bench, bundle_path)


@pytest.mark.parametrize("reliability", [ReliabilityPolicy.RELIABLE, ReliabilityPolicy.BEST_EFFORT])
def test_it_asks_for_what_is_offered(bench: Bench, half: Half, reliability: ReliabilityPolicy) -> None:
    publisher = bench.node.create_publisher(PointCloud2, "embedding/eye", QoSProfile(depth=1, reliability=reliability))

    def heard() -> bool:
        publisher.publish(message_from_embedding(TABLE))
        return half.hears() == ["eye"]

    bench.wait_until(heard, "the embedding does not arrive")
    assert half.supply.ttl_s("eye") == 0.5
    bench.node.destroy_publisher(publisher)
    bench.wait_until(
        lambda: half.hears() or bench.node.count_subscribers("embedding/eye") == 0, "it still listens to nobody"
    )


def test_while_nobody_needs_them_it_listens_to_no_embeddings(bench: Bench, half: Half) -> None:
    bench.node.create_publisher(PointCloud2, "embedding/eye", 1)
    bench.wait_until(lambda: half.hears() or bench.node.count_subscribers("embedding/eye") == 1, "it does not listen")
    bench.wait_until(
        lambda: half.hears(wanted=False) or bench.node.count_subscribers("embedding/eye") == 0, "it still listens"
    )


def test_other_clouds_and_deeper_topics_are_no_embeddings(bench: Bench, half: Half) -> None:
    for topic in ("lidar/points", "embedding/of/something"):
        bench.node.create_publisher(PointCloud2, topic, 1)
    bench.node.create_publisher(DiagnosticArray, "embedding/odd", 1)
    seen = {"lidar/points", "embedding/of/something", "embedding/odd"}
    bench.wait_until(lambda: all(half.node.count_publishers(one) for one in seen), "the topics are not seen")
    for _ in range(3):
        half.hears()
    assert [one.topic_name for one in half.node.subscriptions] == ["/encoder_status"]


def test_what_is_malformed_is_told_once_and_does_no_harm(
    bench: Bench, half: Half, capfd: pytest.CaptureFixture[str]
) -> None:
    tables = bench.node.create_publisher(PointCloud2, "embedding/eye", 1)
    reports = bench.node.create_publisher(DiagnosticArray, "encoder_status", STATUS_QOS)

    def told() -> bool:
        tables.publish(PointCloud2())
        reports.publish(DiagnosticArray(status=[DiagnosticStatus(name="eye")]))
        half.hears()
        text = capfd.readouterr().err
        said.append(text)
        return all(one in "".join(said) for one in ("the table is not an embedding", "the status is not one"))

    said: list[str] = []
    bench.wait_until(told, "it is not told")
    assert "".join(said).count("the table is not an embedding") == 1

    def heard() -> bool:
        tables.publish(message_from_embedding(TABLE))
        return half.hears() == ["eye"]

    bench.wait_until(heard, "a good one does not arrive")


def test_closed_it_holds_nothing(half: Half) -> None:
    half.hears()
    half.supply.close()
    assert list(half.node.subscriptions) == []
    half.supply.poll()
    half.supply.release()
    assert half.hears() == []
    assert (half.supply.reports(0), half.supply.states(), half.supply.ttl_s("eye")) == ([], {}, 0.0)
