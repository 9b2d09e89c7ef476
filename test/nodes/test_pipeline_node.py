"""What is changed while the node works: its bundle, its labels, and what it refuses."""

import shutil
import threading
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("rclpy", reason="needs ROS 2: run `make setup`")

from diagnostic_msgs.msg import DiagnosticArray
from every_modality import write_bundle_of_every_modality
from rclpy.parameter import Parameter
from ros_bench import Bench, real_audio, real_image, real_thermal
from std_srvs.srv import Trigger
from tiny_bundle import LABELS, centres_file, encoder_network, tiny_description, unit_vectors, write_tiny_bundle
from vision_msgs.msg import Classification

from omnibind_ros.inference.bundle_writer import file_reference, write_bundle
from omnibind_ros.inference.onnx_runtime import OnnxRuntimeBackend
from omnibind_ros.nodes.perception import PerceptionNode
from omnibind_ros.preprocessing import image

pytestmark = pytest.mark.ros

CAMERA = {"modality": "image", "topic": "camera/image_raw"}
THERMAL = {"modality": "thermal", "topic": "thermal/image_raw"}
MICROPHONE = {"modality": "audio", "topic": "microphone/audio", "ttl": 1.5}


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nothing is left in the user's own cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def start(bench: Bench) -> Any:
    """Starts a node with a camera and waits for its first recognition."""

    def make(bundle: Path, **parameters: Any) -> PerceptionNode:
        bench.hear("recognition", Classification)
        bench.hear("sources", DiagnosticArray)
        node: PerceptionNode = bench.make(
            PerceptionNode, bundle=str(bundle), **{"sources": ["camera"], "camera": CAMERA, **parameters}
        )
        bench.plug("camera/image_raw", real_image)
        bench.wait_for_state("camera", "live")
        bench.wait_for_new("recognition")
        return node

    return make


def bundle_with_labels(folder: Path, *labels: str, **files: bytes) -> Path:
    """The tiny bundle with other labels."""
    description, contents = tiny_description(**files)
    contents["labels.safetensors"] = centres_file(unit_vectors(len(labels))[:, None, :])
    description["labels"] = {
        "names": list(labels),
        **file_reference("labels.safetensors", contents["labels.safetensors"]),
    }
    write_bundle(folder, description, contents)
    return folder


def answered(bench: Bench) -> set[str]:
    return {result.class_id for result in bench.wait_for_new("recognition").results}


def wait_for_labels(bench: Bench, *labels: str) -> None:
    bench.wait_until(lambda: answered(bench) == set(labels), f"it does not recognise {labels}")


def set_one(node: Any, name: str, value: Any) -> Any:
    kind = Parameter.Type.STRING_ARRAY if isinstance(value, list) else Parameter.Type.STRING
    (result,) = node.set_parameters([Parameter(name, kind, value)])
    return result


@pytest.fixture
def sessions(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """How many ONNX sessions are open of those that were opened in this test."""
    opened: list[OnnxRuntimeBackend] = []
    begin = OnnxRuntimeBackend.__init__

    def remember(self: OnnxRuntimeBackend, *arguments: Any, **named: Any) -> None:
        begin(self, *arguments, **named)
        opened.append(self)

    monkeypatch.setattr(OnnxRuntimeBackend, "__init__", remember)
    return lambda: sum(one._session is not None for one in opened)


def test_another_bundle_takes_over_without_losing_a_result(
    bench: Bench, bundle_path: Path, tmp_path: Path, start: Any, sessions: Callable[[], int]
) -> None:
    node = start(bundle_path, sources=["camera", "microphone"], microphone=MICROPHONE)
    bench.plug("microphone/audio", real_audio)
    bench.wait_for_state("microphone", "live")
    open_sessions = sessions()
    assert set_one(node, "bundle", str(bundle_with_labels(tmp_path / "other", "cat", "dog"))).successful
    bench.heard["sources"].clear()
    wait_for_labels(bench, "cat", "dog")
    stamps = [one.header.stamp.sec + 1e-9 * one.header.stamp.nanosec for one in bench.heard["recognition"]]
    assert max(later - earlier for earlier, later in pairwise(stamps)) < 1.0
    for message in bench.heard["sources"]:
        assert {status.name: status.message.partition(":")[0] for status in message.status} == {
            "camera": "live",
            "microphone": "live",
        }
    bench.wait_until(lambda: sessions() == open_sessions, "the old bundle is still held")
    bench.remove(node)
    assert sessions() == 0


def test_a_broken_bundle_is_refused_and_the_old_one_goes_on(
    bench: Bench, bundle_path: Path, tmp_path: Path, start: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    broken = Path(shutil.copytree(bundle_path, tmp_path / "broken"))
    node = start(bundle_path)
    (broken / "image.onnx").write_bytes(b"nonsense")
    assert set_one(node, "bundle", str(broken)).successful
    bench.wait_until(lambda: node.get_parameter("bundle").value == str(bundle_path), "the parameter was not put back")
    assert f"everything stays as it was: {broken}/image.onnx: was changed" in capfd.readouterr().err
    wait_for_labels(bench, *LABELS)


def test_a_bundle_that_was_broken_in_place_is_refused_by_the_service(
    bench: Bench, bundle_path: Path, tmp_path: Path, start: Any
) -> None:
    folder = Path(shutil.copytree(bundle_path, tmp_path / "mine"))
    start(folder)
    (folder / "image.onnx").write_bytes(b"nonsense")
    response = bench.call(Trigger, "perception/reload_bundle", Trigger.Request())
    assert not response.success
    assert "image.onnx: was changed" in response.message
    wait_for_labels(bench, *LABELS)


@pytest.mark.parametrize("name", ["/nowhere/at/all", "no-such-bundle"])
def test_a_bundle_that_is_not_there_is_refused_at_once(bundle_path: Path, start: Any, name: str) -> None:
    node = start(bundle_path)
    result = set_one(node, "bundle", name)
    assert not result.successful
    assert "no bundle there" in result.reason
    assert node.get_parameter("bundle").value == str(bundle_path)


def test_a_network_that_does_not_load_is_refused(bench: Bench, bundle_path: Path, tmp_path: Path, start: Any) -> None:
    node = start(bundle_path)
    wrong = encoder_network((3, 32, 32))
    write_tiny_bundle(tmp_path / "wrong", image=wrong)
    set_one(node, "bundle", str(tmp_path / "wrong"))
    bench.wait_until(lambda: node.get_parameter("bundle").value == str(bundle_path), "it was not put back")
    wait_for_labels(bench, *LABELS)


def test_a_bundle_that_was_replaced_in_place_is_loaded_by_the_service(
    bench: Bench, bundle_path: Path, tmp_path: Path, start: Any
) -> None:
    folder = tmp_path / "mine"
    shutil.copytree(bundle_path, folder)
    start(folder)
    bundle_with_labels(folder, "cat", "dog")
    response = bench.call(Trigger, "perception/reload_bundle", Trigger.Request())
    assert response.success, response.message
    wait_for_labels(bench, "cat", "dog")


def test_another_preprocessing_comes_with_the_bundle(
    bench: Bench, bundle_path: Path, tmp_path: Path, start: Any
) -> None:
    node = start(bundle_path)
    small = image.PRESETS["compact"].model_copy(update={"side": 32})
    description, contents = tiny_description(image=encoder_network(small.input_shape))
    description["encoders"]["image"]["preprocessing"] = small.model_dump(mode="json")
    description["encoders"]["image"]["input"]["shape"] = list(small.input_shape)
    write_bundle(tmp_path / "small", description, contents)
    set_one(node, "bundle", str(tmp_path / "small"))
    bench.wait_until(lambda: node._bundle.folder == tmp_path / "small", "it is not used")
    for _ in range(3):
        bench.wait_for_new("recognition")
    bench.wait_for_state("camera", "live")


def test_sources_come_and_go_with_the_modalities_of_the_bundle(
    bench: Bench, bundle_path: Path, tmp_path: Path, start: Any
) -> None:
    description, contents = tiny_description()
    del description["encoders"]["thermal"], contents["thermal.onnx"]
    write_bundle(tmp_path / "fewer", description, contents)
    node = start(bundle_path, sources=["camera", "thermal"], thermal=THERMAL)
    bench.plug("thermal/image_raw", real_thermal)
    bench.wait_for_state("thermal", "live")
    set_one(node, "bundle", str(tmp_path / "fewer"))
    bench.wait_until(lambda: bench.status("thermal") is None, "it is still there")
    bench.wait_for_new("recognition")
    set_one(node, "bundle", str(bundle_path))
    bench.wait_for_state("thermal", "live")


def test_the_service_needs_a_configured_node(bench: Bench, bundle_path: Path) -> None:
    bench.make(PerceptionNode, bundle=str(bundle_path), autostart=False)
    response = bench.call(Trigger, "perception/reload_bundle", Trigger.Request())
    assert not response.success
    assert "configure the node first" in response.message


def test_other_labels_are_recognised_and_the_bundles_own_again(
    bench: Bench, tmp_path: Path, start: Any, cache: Path
) -> None:
    write_bundle_of_every_modality(tmp_path / "every")
    node = start(tmp_path / "every")
    assert set_one(node, "labels", ["red mug", "dog", "hammer"]).successful
    wait_for_labels(bench, "red mug", "dog", "hammer")
    assert len(list((cache / "omnibind_ros" / "centres").iterdir())) == 2
    assert set_one(node, "labels", [""]).successful
    wait_for_labels(bench, *LABELS)


@pytest.mark.parametrize(
    ("labels", "reason"),
    [
        (["mug"], "name 2 to"),
        (["mug", "mug"], "1 of them repeated"),
        (["mug", " "], "cannot be a label"),
        (["mug", "unknown"], "it is the answer when no label fits"),
        (["mug", "xylophone"], "knows no word of 'xylophone'"),
    ],
)
def test_labels_that_make_no_sense_are_refused(tmp_path: Path, start: Any, labels: list[str], reason: str) -> None:
    write_bundle_of_every_modality(tmp_path / "every")
    node = start(tmp_path / "every")
    result = set_one(node, "labels", labels)
    assert not result.successful
    assert reason in result.reason


def test_the_bundles_own_labels_need_no_text_encoder(bench: Bench, bundle_path: Path, start: Any) -> None:
    node = start(bundle_path, labels=["mug", "hammer"])
    wait_for_labels(bench, "mug", "hammer")
    result = set_one(node, "labels", ["mug", "cat"])
    assert not result.successful
    assert "no text encoder" in result.reason


def test_a_choice_that_does_not_exist_is_refused(
    bench: Bench, bundle_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    bench.make(PerceptionNode, bundle=str(bundle_path), backend="abacus")
    assert bench.lifecycle_state("perception") == "unconfigured"
    assert "backend cannot be 'abacus' (use one of auto, onnxruntime, tensorrt, tensorrt_rtx)" in capfd.readouterr().err


def test_every_session_and_thread_is_released(
    bench: Bench, bundle_path: Path, start: Any, sessions: Callable[[], int]
) -> None:
    threads = threading.active_count()
    node = start(bundle_path)
    assert sessions() == 2  # the image encoder and the fusion head
    assert bench.transition("perception", "deactivate")
    assert threading.active_count() == threads
    assert bench.transition("perception", "cleanup")
    assert sessions() == 0
    assert bench.transition("perception", "configure")
    assert bench.transition("perception", "activate")
    bench.wait_for_new("recognition")
    bench.remove(node)
    assert sessions() == 0


def test_an_encoder_that_nothing_uses_is_unloaded_and_comes_back(
    bench: Bench, bundle_path: Path, start: Any, sessions: Callable[[], int]
) -> None:
    start(bundle_path, encoder_idle=0.5, sources=["camera", "thermal"], thermal=THERMAL)
    thermal = bench.plug("thermal/image_raw", real_thermal)
    bench.wait_until(lambda: sessions() == 3, "the thermal encoder is not loaded")
    thermal.unplug()
    bench.wait_until(lambda: sessions() == 2, "the thermal encoder is still loaded")
    bench.plug("thermal/image_raw", real_thermal)
    bench.wait_until(lambda: sessions() == 3, "the thermal encoder does not come back")
