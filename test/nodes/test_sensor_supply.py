"""The sensors' half by itself: what it does before it is prepared, and how another bundle takes over."""

import threading
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("rclpy", reason="needs ROS 2: run `make setup`")

from rclpy.node import Node
from rclpy.parameter import Parameter
from ros_bench import PATIENCE_S, Bench, real_image, real_thermal

from omnibind_ros.fusion.source_state import SourceState
from omnibind_ros.inference.bundle import load_bundle
from omnibind_ros.inference.onnx_runtime import OnnxRuntimeBackend
from omnibind_ros.nodes.backends import Backends
from omnibind_ros.nodes.parameters import declare
from omnibind_ros.nodes.sensor_supply import SensorSupply
from omnibind_ros.pipeline.parameters import ENCODER_PARAMETERS

pytestmark = pytest.mark.ros


CAMERA = {"modality": "image", "topic": "camera/image_raw"}


class Half:
    def __init__(self, bench: Bench, **sources: dict[str, str]) -> None:
        self.bench = bench
        self.node: Any = bench.make(
            lambda **arguments: Node("robot", **arguments), sources=list(sources), encoder_idle=1.0, **sources
        )
        declare(self.node, ENCODER_PARAMETERS)
        self.woken = 0
        self.supply = SensorSupply(self.node, Backends(self.node, self.wake), self.wake)

    def wake(self) -> None:
        self.woken += 1

    def encodes(self) -> bool:
        """Whether a round brings an embedding."""
        return bool(self.encoded())

    def encoded(self) -> set[str]:
        """The sources of the embeddings that a round brings."""
        self.supply.poll()
        now_ns = self.node.get_clock().now().nanoseconds
        return {one.source for one in self.supply.step(now_ns, wanted=True, due=True).embeddings}


@pytest.fixture
def half(bench: Bench) -> Half:
    return Half(bench, camera=CAMERA)


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


def test_while_an_encoder_is_loaded_it_says_so_and_the_others_go_on(
    bench: Bench, bundle_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    half = Half(bench, camera=CAMERA, thermal={"modality": "thermal", "topic": "heat"})
    may_end = threading.Event()
    begin = OnnxRuntimeBackend.__init__

    def slow(self: OnnxRuntimeBackend, model: bytes, *, name: str, threads: int = 1) -> None:
        assert name != "image.onnx" or may_end.wait(PATIENCE_S)
        begin(self, model, name=name, threads=threads)

    monkeypatch.setattr(OnnxRuntimeBackend, "__init__", slow)
    bench.plug("camera/image_raw", real_image)
    bench.plug("heat", real_thermal)
    half.supply.prepare(load_bundle(bundle_path))()
    half.supply.open()
    bench.wait_until(lambda: half.encoded() == {"thermal"}, "the thermal camera is not encoded")

    def building() -> bool:
        half.encoded()  # the camera's first frame may come after the thermal camera's
        return half.supply.states()["camera"] is SourceState.BUILDING

    bench.wait_until(building, "the camera is not building")
    for _ in range(5):
        bench.wait_until(lambda: half.encoded() == {"thermal"}, "the thermal camera has to wait")
    assert half.supply.details()["image_encoder"] == "being loaded"
    may_end.set()
    bench.wait_until(lambda: "camera" in half.encoded(), "the camera is not encoded")
    assert half.supply.details()["image_encoder"] == "CPU, fp32"
    half.supply.release()


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
