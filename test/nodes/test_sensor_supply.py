"""The sensors' half by itself: what it does before it is prepared, and how another bundle takes over."""

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("rclpy", reason="needs ROS 2: run `make setup`")

from rclpy.node import Node
from rclpy.parameter import Parameter
from ros_bench import Bench, real_image

from omnibind_ros.inference.bundle import load_bundle
from omnibind_ros.nodes.parameters import declare
from omnibind_ros.nodes.sensor_supply import SensorSupply
from omnibind_ros.pipeline.parameters import ENCODER_PARAMETERS

pytestmark = pytest.mark.ros


class Half:
    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        camera = {"modality": "image", "topic": "camera/image_raw"}
        self.node: Any = bench.make(
            lambda **arguments: Node("robot", **arguments), sources=["camera"], camera=camera, encoder_idle=1.0
        )
        declare(self.node, ENCODER_PARAMETERS)
        self.woken = 0
        self.supply = SensorSupply(self.node, self.wake)

    def wake(self) -> None:
        self.woken += 1

    def encodes(self) -> bool:
        """Whether a round brings an embedding."""
        self.supply.poll()
        now_ns = self.node.get_clock().now().nanoseconds
        return bool(self.supply.step(now_ns, wanted=True).embeddings)


@pytest.fixture
def half(bench: Bench) -> Half:
    return Half(bench)


def test_before_it_is_prepared_it_has_nothing_to_say(half: Half) -> None:
    half.supply.check({"camera.topic": "x"})
    half.supply.parameters_changed()
    assert not half.encodes()
    assert (half.supply.reports(0), half.supply.states(), half.supply.details()) == ([], {}, {})
    assert half.supply.ttl_s("camera") == 0.0
    half.supply.open()
    half.supply.close()
    half.supply.release()


def test_it_listens_while_it_is_open(bench: Bench, half: Half, bundle_path: Path) -> None:
    bench.plug("camera/image_raw", real_image)
    half.supply.prepare(load_bundle(bundle_path))()
    assert set(half.supply.states()) == {"camera"}
    assert half.supply.ttl_s("camera") == 0.5
    half.supply.open()
    bench.wait_until(half.encodes, "nothing is encoded")
    assert half.woken
    assert half.supply.details() == {"image_encoder": "CPU, fp32"}
    half.supply.close()
    assert list(half.node.subscriptions) == []
    half.supply.release()
    assert half.supply.states() == {}


def test_another_bundle_takes_over_what_is_loaded(bench: Bench, half: Half, bundle_path: Path) -> None:
    bench.plug("camera/image_raw", real_image)
    half.supply.prepare(load_bundle(bundle_path))()
    half.supply.open()
    bench.wait_until(half.encodes, "nothing is encoded")
    adopt = half.supply.prepare(load_bundle(bundle_path))
    adopt()
    assert set(half.supply.details()) == {"image_encoder"}
    bench.wait_until(half.encodes, "nothing is encoded any more")


def test_parameters_are_followed_without_being_open(half: Half, bundle_path: Path) -> None:
    half.supply.prepare(load_bundle(bundle_path))()
    half.node.set_parameters([Parameter("sources", Parameter.Type.STRING_ARRAY, [])])
    half.supply.parameters_changed()
    assert half.supply.states() == {}
    assert list(half.node.subscriptions) == []
