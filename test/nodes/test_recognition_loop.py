"""The worker's rounds, one by one: a real node for clock, parameters and log, but no topics."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("rclpy", reason="needs ROS 2: run `make setup`")

from fabricated import image_message
from rclpy.node import Node
from rclpy.parameter import Parameter
from ros_bench import Bench

from omnibind_ros.errors import BackendError, MessageError
from omnibind_ros.fusion.source_state import LivenessSettings
from omnibind_ros.inference.bundle import load_bundle
from omnibind_ros.modality import Modality
from omnibind_ros.nodes.parameters import NODE_PARAMETERS, declare
from omnibind_ros.nodes.recognition_loop import Pipelines, RecognitionLoop
from omnibind_ros.nodes.resources import backend_maker
from omnibind_ros.nodes.worker import IDLE_S
from omnibind_ros.pipeline.encoding import EncodingPipeline
from omnibind_ros.pipeline.recognition import RecognitionPipeline
from omnibind_ros.pipeline.source_settings import SourceSettings

pytestmark = pytest.mark.ros


class Heard:
    """Stands for the publishers: notes what would go out."""

    def __init__(self) -> None:
        self.recognition_wanted = True
        self.embeddings_wanted = False
        self.embeddings: list[Any] = []
        self.recognitions: list[Any] = []
        self.reports: list[Any] = []
        self.healths: list[Any] = []

    def embedding(self, embedding: Any) -> None:
        self.embeddings.append(embedding)

    def recognition(self, recognition: Any, space: int) -> None:
        self.recognitions.append(recognition)

    def sources(self, reports: Any, contributions: Any, stamp_ns: int) -> None:
        self.reports.append((reports, dict(contributions)))

    def health(self, health: Any, stamp_ns: int) -> None:
        self.healths.append(health)


class Rounds:
    def __init__(self, bench: Bench, bundle_path: Path) -> None:
        self.node: Any = bench.make(lambda **arguments: Node("robot", **arguments))
        declare(self.node, NODE_PARAMETERS)
        bundle = load_bundle(bundle_path)
        make_backend = backend_maker(1)
        encoding = EncodingPipeline(bundle, make_backend, time.monotonic)
        liveness = LivenessSettings(ttl_s=60.0, frozen_after_s=0.0, max_clock_offset_s=60.0)
        self.camera = encoding.add_source(SourceSettings("camera", Modality.IMAGE, "camera", liveness))
        self.pipelines = Pipelines(bundle, encoding, RecognitionPipeline(bundle, make_backend, most_labels=3))
        self.heard = Heard()
        self.loop = RecognitionLoop(self.node, self.pipelines, self.heard)

    def feed(self, **changes: object) -> None:
        now_ns = self.node.get_clock().now().nanoseconds
        self.camera.receive(image_message(now_ns, **changes), now_ns, time.monotonic())


@pytest.fixture
def rounds(bench: Bench, bundle_path: Path) -> Rounds:
    return Rounds(bench, bundle_path)


def test_a_message_becomes_a_recognition_in_one_round(rounds: Rounds) -> None:
    rounds.feed()
    assert rounds.loop.step() == IDLE_S
    assert len(rounds.heard.embeddings) == len(rounds.heard.recognitions) == 1


def test_without_news_there_is_no_new_recognition(rounds: Rounds) -> None:
    rounds.feed()
    for _ in range(5):
        rounds.loop.step()
    assert len(rounds.heard.recognitions) == 1


def test_what_came_too_soon_waits_for_its_turn_and_is_not_lost(rounds: Rounds) -> None:
    rounds.node.set_parameters([Parameter("max_rate", value=0.1)])
    rounds.feed()
    rounds.loop.step()
    for _ in range(3):
        rounds.feed()
        assert 0 < rounds.loop.step() <= 10
    assert len(rounds.heard.recognitions) == 1
    assert len(rounds.heard.embeddings) == 4


def test_for_nobody_nothing_is_encoded(rounds: Rounds) -> None:
    rounds.heard.recognition_wanted = False
    rounds.feed()
    assert rounds.loop.step() == IDLE_S
    assert rounds.heard.embeddings == []
    assert rounds.pipelines.encoding.loaded == {}


def test_for_a_listener_to_embeddings_nothing_is_fused(rounds: Rounds) -> None:
    rounds.heard.recognition_wanted = False
    rounds.heard.embeddings_wanted = True
    rounds.feed()
    rounds.loop.step()
    assert len(rounds.heard.embeddings) == 1
    assert rounds.heard.recognitions == []


def test_always_on_recognises_for_nobody(rounds: Rounds) -> None:
    rounds.heard.recognition_wanted = False
    rounds.node.set_parameters([Parameter("always_on", value=True)])
    rounds.feed()
    rounds.loop.step()
    assert len(rounds.heard.recognitions) == 1


def test_a_source_that_goes_no_longer_contributes(rounds: Rounds) -> None:
    rounds.feed()
    rounds.loop.step()
    assert set(rounds.heard.reports[-1][1]) == {"camera"}
    rounds.camera.enable(False)
    rounds.loop.step()
    reports, contributions = rounds.heard.reports[-1]
    assert str(reports[0].state) == "disabled"
    assert contributions == {}


def test_a_change_of_state_is_logged_once_and_reported_at_once(
    rounds: Rounds, capfd: pytest.CaptureFixture[str]
) -> None:
    rounds.feed(step=1)
    rounds.loop.step()
    reported = len(rounds.heard.reports)
    rounds.loop.step()
    said = capfd.readouterr().err
    assert said.count("camera: absent -> faulty: step 1 is shorter") == 1
    assert len(rounds.heard.reports) <= reported + 1
    rounds.feed()
    rounds.loop.step()
    assert str(rounds.heard.reports[-1][0][0].state) == "live"


def test_an_error_is_told_once_whatever_numbers_are_in_it(rounds: Rounds, capfd: pytest.CaptureFixture[str]) -> None:
    for size in range(10):
        rounds.loop.tell_once(MessageError(f"{size} bytes of data", remedy="fix it", source="camera"))
    rounds.loop.tell_once(MessageError("another problem", remedy="fix it", source="camera"))
    rounds.loop.tell_once(ValueError("no error of ours"))
    said = capfd.readouterr().err
    assert said.count("bytes of data") == 1
    assert said.count("another problem") == 1
    assert said.count("ValueError: no error of ours") == 1


def test_ever_new_errors_do_not_fill_the_memory_or_the_log(
    rounds: Rounds, capfd: pytest.CaptureFixture[str], letters: Callable[[int], str]
) -> None:
    for number in range(1000):
        rounds.loop.tell_once(MessageError(f"unknown encoding {letters(number)}", remedy="fix it", source="camera"))
    assert 0 < capfd.readouterr().err.count("unknown encoding") < 300


@pytest.fixture
def letters() -> Callable[[int], str]:
    """A word without digits for each number."""
    return lambda number: "".join(chr(ord("a") + int(digit)) for digit in str(number))


def test_a_fusion_that_fails_is_told_and_tried_again(
    rounds: Rounds, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(now_ns: int) -> None:
        raise BackendError("out of memory", remedy="free some", source="fusion.onnx")

    with monkeypatch.context() as broken:
        broken.setattr(rounds.pipelines.recognition, "recognise", fail)
        rounds.node.set_parameters([Parameter("max_rate", value=1000.0)])
        rounds.feed()
        rounds.loop.step()
    assert "fusion.onnx: out of memory" in capfd.readouterr().err

    def recognised() -> bool:
        rounds.feed()
        rounds.loop.step()
        return bool(rounds.heard.recognitions)

    assert any(recognised() for _ in range(1000))


def test_health_tells_how_many_are_live(rounds: Rounds) -> None:
    rounds.loop.step()
    (health,) = rounds.heard.healths
    assert health.warning
    assert (health.node, health.summary) == ("robot", "0 of 1 sources live")
