"""Nodes on a computer with a simulated GPU: they start on ONNX Runtime, and change to engines when those are built."""

import json
import os
import sys
import threading
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("rclpy", reason="needs ROS 2: run `make setup`")

from diagnostic_msgs.msg import DiagnosticArray
from rclpy.node import Node
from rclpy.parameter import Parameter
from ros_bench import Bench, real_image
from simulated_gpu import GPU, SimulatedCuda, simulated_library
from std_srvs.srv import Trigger
from tiny_bundle import encoder_network, write_tiny_bundle
from vision_msgs.msg import Classification

from omnibind_ros.errors import BackendError
from omnibind_ros.inference.bundle import Bundle, load_bundle
from omnibind_ros.inference.engines import accelerator as accelerator_module
from omnibind_ros.inference.engines.engine_cache import EngineCache
from omnibind_ros.inference.engines.engine_key import engine_key
from omnibind_ros.inference.engines.network import Network, networks
from omnibind_ros.nodes import backends as backends_module
from omnibind_ros.nodes.backends import Backends
from omnibind_ros.nodes.build_engines import ENGINES
from omnibind_ros.nodes.encoder import EncoderNode
from omnibind_ros.nodes.parameters import declare
from omnibind_ros.nodes.perception import PerceptionNode
from omnibind_ros.pipeline.parameters import NODE_PARAMETERS
from omnibind_ros.pipeline.resources import cache_folder

pytestmark = pytest.mark.ros

BUILDER = Path(__file__).resolve().parents[1] / "simulated_builder.py"
CAMERA = {"modality": "image", "topic": "camera/image_raw", "ttl": 3.0}
ON_CPU, ON_GPU = "CPU, fp32", f"{GPU.name}, fp32"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nothing is left in the user's own cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return cache_folder() / ENGINES


@pytest.fixture
def no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accelerator_module, "cuda_library", lambda: SimulatedCuda(gpus=0))


class Computer:
    """One with a GPU; its builder processes wait until the test lets them build."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, cache: Path, orders: Path) -> None:
        self.cuda = SimulatedCuda()
        self.library = simulated_library(monkeypatch, self.cuda)
        self._cache = cache
        self._orders = orders
        orders.mkdir()
        monkeypatch.setattr(accelerator_module, "cuda_library", lambda: self.cuda)
        monkeypatch.setattr(backends_module, "background_command", self._command)

    def let(self, *parts: str, fail: str = "") -> None:
        """Let the engines of these parts of the bundle be built, now and from now on, or fail to be."""
        for part in parts:
            (self._orders / f"{part}.new").write_text(fail)
            (self._orders / f"{part}.new").rename(self._orders / part)

    def keep_engines(self, bundle: Bundle) -> None:
        """They were all built some time ago."""
        for network in networks(bundle).values():
            EngineCache(self._cache).keep_plan(engine_key(network, self.library, GPU), network.model)

    def builder(self, part: str) -> int | None:
        """Process id of the last builder of that part; None before the first."""
        file = self._orders / f"{part}.pid"
        return int(file.read_text() or 0) or None if file.exists() else None

    def holdings(self) -> list[int]:
        """How much of the GPU is in use."""
        return [len(kind) for kind in (self.cuda.streams, self.cuda.buffers, self.cuda.graphs)]

    def _command(self, bundle: Bundle, network: Network, backend: str, precision: str) -> list[str]:
        assert backend == self.library.name
        about = [json.dumps({"name": backend, "version": self.library.version}), json.dumps(asdict(GPU))]
        paths = [str(self._cache), str(self._orders)]
        return [sys.executable, str(BUILDER), str(bundle.folder), network.part, precision, *paths, *about]


@pytest.fixture
def computer(monkeypatch: pytest.MonkeyPatch, cache: Path, tmp_path: Path) -> Computer:
    monkeypatch.setenv("PYTHONPATH", str(BUILDER.parents[1]))
    return Computer(monkeypatch, cache, tmp_path / "orders")


def is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def build_threads() -> int:
    return sum(thread.name == "omnibind engines" for thread in threading.enumerate())


class Robot:
    """A node with a camera, whose results and health somebody hears."""

    def __init__(self, bench: Bench, bundle: Path, **parameters: Any) -> None:
        self.bench = bench
        for topic, message_type in (
            ("recognition", Classification),
            ("sources", DiagnosticArray),
            ("/diagnostics", DiagnosticArray),
        ):
            bench.hear(topic, message_type)
        self.node: Any = bench.make(PerceptionNode, bundle=str(bundle), sources=["camera"], camera=CAMERA, **parameters)
        bench.plug("camera/image_raw", real_image)
        bench.wait_for_state("camera", "live")
        bench.wait_for_new("recognition")

    def health(self) -> dict[str, str]:
        healths = self.bench.heard["/diagnostics"]
        return {pair.key: pair.value for pair in healths[-1].status[0].values} if healths else {}

    def wait_for_health(self, **expected: str) -> None:
        self.bench.wait_until(
            lambda: expected.items() <= self.health().items(), f"its health is not {expected} but {self.health()}"
        )


def test_without_a_gpu_it_stays_on_onnx_runtime_with_one_line_in_the_log(
    bench: Bench, bundle_path: Path, no_gpu: None, capfd: pytest.CaptureFixture[str]
) -> None:
    robot = Robot(bench, bundle_path)
    robot.wait_for_health(backend="onnxruntime", image_encoder=ON_CPU, fusion_head=ON_CPU)
    assert not any(key.endswith("_engine") for key in robot.health())
    said = capfd.readouterr().err
    assert len([line for line in said.splitlines() if "ONNX Runtime" in line]) == 1
    assert "[WARN]" not in said
    assert build_threads() == 0


def test_it_recognises_at_once_and_changes_to_engines_without_a_gap(
    bench: Bench, bundle_path: Path, computer: Computer, capfd: pytest.CaptureFixture[str]
) -> None:
    robot = Robot(bench, bundle_path)
    robot.wait_for_health(image_encoder=ON_CPU, fusion_head=ON_CPU, fusion_engine="building, 50%")
    computer.let("fusion")
    robot.wait_for_health(image_encoder=ON_CPU, fusion_head=ON_GPU, image_engine="building, 50%")
    bench.heard["sources"].clear()
    computer.let("image")
    robot.wait_for_health(
        image_encoder=ON_GPU,
        image_engine="ready",
        fusion_engine="ready",
        backend="tensorrt 10.3.0 on Simulated GPU",
    )
    launches = computer.cuda.launches
    for _ in range(3):
        bench.wait_for_new("recognition")
    assert computer.cuda.launches > launches, "the GPU recognises"
    assert {status.message.partition(":")[0] for one in bench.heard["sources"] for status in one.status} == {"live"}
    stamps = [(one.header.stamp.sec, one.header.stamp.nanosec) for one in bench.heard["recognition"]]
    assert stamps == sorted(set(stamps)), "every frame once"
    said = capfd.readouterr().err
    for part in ("image", "fusion"):
        assert len([line for line in said.splitlines() if f"tiny/{part}: " in line]) == 2, "building, ready"
    assert "[WARN]" not in said
    bench.remove(robot.node)
    assert computer.holdings() == [0, 0, 0]


def test_what_was_built_before_is_used_from_the_start(bench: Bench, bundle_path: Path, computer: Computer) -> None:
    computer.keep_engines(load_bundle(bundle_path))
    robot = Robot(bench, bundle_path)
    robot.wait_for_health(image_encoder=ON_GPU, fusion_head=ON_GPU, image_engine="ready")
    assert computer.builder("image") is None
    robot.node.set_parameters([Parameter("labels", Parameter.Type.STRING_ARRAY, ["mug", "hammer"])])
    bench.wait_until(
        lambda: {one.class_id for one in bench.wait_for_new("recognition").results} <= {"mug", "hammer", "unknown"},
        "the labels are not used",
    )
    robot.wait_for_health(fusion_head=ON_GPU)
    bench.remove(robot.node)
    assert computer.holdings() == [0, 0, 0]


def test_where_a_build_fails_onnx_runtime_goes_on_and_the_remedy_is_told(
    bench: Bench, bundle_path: Path, computer: Computer, capfd: pytest.CaptureFixture[str]
) -> None:
    computer.let("fusion")
    computer.let("image", fail="image.onnx: no kernel for IsNaN (choose the backend onnxruntime)")
    robot = Robot(bench, bundle_path)
    problem = "image.onnx: no kernel for IsNaN (choose the backend onnxruntime)"
    robot.wait_for_health(image_encoder=ON_CPU, image_engine=f"failed: {problem}", fusion_head=ON_GPU)
    status = bench.heard["/diagnostics"][-1].status[0]
    assert status.level == b"\x01"
    assert status.message == "1 of 1 sources live; no engine for image"
    bench.wait_for_new("recognition")
    said = [line for line in capfd.readouterr().err.splitlines() if "[WARN]" in line]
    assert len(said) == 1
    assert said[0].endswith(f"tiny/image: ONNX Runtime goes on running it: {problem}")
    computer.let("image")
    assert bench.call(Trigger, "perception/reload_bundle", Trigger.Request()).success
    robot.wait_for_health(image_encoder=ON_GPU, image_engine="ready")


def test_another_bundle_ends_the_builds_of_the_old_one(
    bench: Bench, bundle_path: Path, computer: Computer, tmp_path: Path
) -> None:
    computer.let("fusion")
    robot = Robot(bench, bundle_path)
    robot.wait_for_health(image_engine="building, 50%")
    old = computer.builder("image")
    other = write_tiny_bundle(tmp_path / "other", image=encoder_network((3, 64, 64), seed=9))
    robot.node.set_parameters([Parameter("bundle", value=str(other.folder))])
    bench.wait_until(lambda: computer.builder("image") not in (None, old), "the other one is not built")
    assert not is_running(old)
    computer.let("image")
    robot.wait_for_health(image_encoder=ON_GPU, fusion_head=ON_GPU)
    bench.wait_for_new("recognition")
    bench.remove(robot.node)
    assert computer.holdings() == [0, 0, 0]
    assert build_threads() == 0


def test_a_bundle_that_is_refused_leaves_nothing_behind(
    bench: Bench, bundle_path: Path, computer: Computer, tmp_path: Path
) -> None:
    computer.keep_engines(load_bundle(bundle_path))
    robot = Robot(bench, bundle_path)
    robot.wait_for_health(image_encoder=ON_GPU, fusion_head=ON_GPU)
    before = computer.holdings()
    wrong = write_tiny_bundle(tmp_path / "wrong", image=encoder_network((3, 32, 32)))
    robot.node.set_parameters([Parameter("bundle", value=str(wrong.folder))])
    bench.wait_until(lambda: robot.node.get_parameter("bundle").value == str(bundle_path), "it was not put back")
    bench.wait_until(lambda: build_threads() == 0, "something is still built")
    assert computer.holdings() == before
    bench.wait_for_new("recognition")
    robot.wait_for_health(image_encoder=ON_GPU)


def test_a_node_that_ends_while_it_builds_leaves_no_process_behind(
    bench: Bench, bundle_path: Path, computer: Computer
) -> None:
    robot = Robot(bench, bundle_path)
    robot.wait_for_health(fusion_engine="building, 50%")
    builder = computer.builder("fusion")
    assert is_running(builder)
    bench.remove(robot.node)
    assert not is_running(builder)
    assert build_threads() == 0
    assert computer.holdings() == [0, 0, 0]


def test_it_can_be_cleaned_up_while_it_builds_and_configured_again(
    bench: Bench, bundle_path: Path, computer: Computer
) -> None:
    robot = Robot(bench, bundle_path)
    robot.wait_for_health(fusion_engine="building, 50%")
    for label in ("deactivate", "cleanup"):
        assert bench.transition("perception", label)
    assert build_threads() == 0
    computer.let("fusion", "image")
    for label in ("configure", "activate"):
        assert bench.transition("perception", label)
    robot.wait_for_health(image_encoder=ON_GPU, fusion_head=ON_GPU)


def test_what_is_asked_for_and_missing_is_told_and_the_node_can_be_configured_again(
    bench: Bench, bundle_path: Path, no_gpu: None, capfd: pytest.CaptureFixture[str]
) -> None:
    node = bench.make(PerceptionNode, bundle=str(bundle_path), backend="tensorrt")
    assert bench.lifecycle_state("perception") == "unconfigured"
    said = capfd.readouterr().err
    assert "cannot configure: no GPU can be used, CUDA shows no GPU (install the NVIDIA driver" in said
    assert not bench.transition("perception", "configure")
    node.set_parameters([Parameter("backend", value="auto")])
    for label in ("configure", "activate"):
        assert bench.transition("perception", label)
    assert bench.lifecycle_state("perception") == "active"


@pytest.mark.parametrize(("name", "value"), [("backend", "abacus"), ("precision", "int4")])
def test_what_does_not_exist_is_refused_with_what_does(
    bench: Bench, bundle_path: Path, no_gpu: None, name: str, value: str
) -> None:
    node = bench.make(PerceptionNode, bundle=str(bundle_path))
    (result,) = node.set_parameters([Parameter(name, value=value)])
    assert not result.successful
    assert f"{name} cannot be '{value}'" in result.reason
    assert "use one of auto, " in result.reason


def test_an_encoder_by_itself_tells_the_same(bench: Bench, bundle_path: Path, computer: Computer) -> None:
    healths = bench.hear("/diagnostics", DiagnosticArray)
    bench.make(EncoderNode, bundle=str(bundle_path), sources=["camera"], camera=CAMERA, always_on=True)
    bench.plug("camera/image_raw", real_image)
    computer.let("image")

    def runs() -> bool:
        values = {pair.key: pair.value for pair in healths[-1].status[0].values} if healths else {}
        return {"image_encoder": ON_GPU, "image_engine": "ready"}.items() <= values.items()

    bench.wait_until(runs, "it does not run on the GPU")


@pytest.fixture
def backends(bench: Bench) -> Backends:
    node: Any = bench.make(lambda **arguments: Node("robot", **arguments))
    declare(node, NODE_PARAMETERS)
    return Backends(node, lambda: None)


def test_a_bundle_has_its_backends_until_it_is_dropped(
    backends: Backends, computer: Computer, bundle_path: Path
) -> None:
    bundle = load_bundle(bundle_path)
    backends.find()
    first = backends.of(bundle)
    assert backends.of(bundle) is first
    assert backends.of(load_bundle(bundle_path)) is not first
    backends.drop(bundle)
    backends.drop(bundle)
    assert backends.of(bundle) is not first
    backends.close()
    assert (backends.failed, backends.details()) == ((), {"backend": "onnxruntime"})


def test_what_is_asked_for_by_name_and_missing_is_an_error(backends: Backends, no_gpu: None) -> None:
    backends._node.set_parameters([Parameter("backend", value="tensorrt_rtx")])
    with pytest.raises(BackendError, match=r"no GPU can be used.*choose the backend onnxruntime"):
        backends.find()
