"""The worker's rounds, one by one: a real node for clock, parameters and log, but no topics."""

import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("rclpy", reason="needs ROS 2: run `make setup`")

from fabricated import image_message
from rclpy.node import Node
from rclpy.parameter import Parameter
from ros_bench import Bench

from omnibind_ros.errors import BackendError
from omnibind_ros.fusion.source_state import LivenessSettings
from omnibind_ros.inference.bundle import load_bundle
from omnibind_ros.modality import Modality
from omnibind_ros.nodes.backends import Backends
from omnibind_ros.nodes.journal import Journal
from omnibind_ros.nodes.parameters import declare
from omnibind_ros.nodes.recognition_output import RecognitionOutput
from omnibind_ros.nodes.worker import IDLE_S
from omnibind_ros.pipeline.encoding import EncodingPipeline
from omnibind_ros.pipeline.parameters import NODE_PARAMETERS
from omnibind_ros.pipeline.resources import backend_maker
from omnibind_ros.pipeline.source_settings import SourceSettings

pytestmark = pytest.mark.ros


class Heard:
    """Stands for publishers and reporter: notes what would go out."""

    def __init__(self) -> None:
        self.wanted = True
        self.recognitions: list[Any] = []
        self.reports: list[tuple[dict[str, Any], bool]] = []

    def publish(self, recognition: Any, space: int) -> None:
        self.recognitions.append(recognition)

    def count(self) -> None:
        pass

    def report(self, supply: Any, contributions: Any, details: Any, now_ns: int, *, changed: bool) -> None:
        self.reports.append((dict(contributions), changed))


class Rounds:
    def __init__(self, bench: Bench, bundle_path: Path) -> None:
        self.node: Any = bench.make(lambda **arguments: Node("robot", **arguments))
        declare(self.node, NODE_PARAMETERS)
        bundle = load_bundle(bundle_path)
        self.supply: Any = EncodingPipeline(bundle, backend_maker(1), time.monotonic)
        liveness = LivenessSettings(ttl_s=60.0, frozen_after_s=0.0, max_clock_offset_s=60.0)
        self.camera = self.supply.add_source(SourceSettings("camera", Modality.IMAGE, "camera", liveness))
        self.output = RecognitionOutput(self.node, Backends(self.node, lambda: None), Journal(self.node.get_logger()))
        self.output.prepare(bundle)()
        self.heard = Heard()
        self.output._publishers = self.output._reporter = self.heard  # type: ignore[assignment]

    def feed(self, **changes: object) -> int:
        """A frame of now; returns its stamp."""
        now_ns: int = self.node.get_clock().now().nanoseconds
        self.camera.receive(image_message(now_ns, **changes), now_ns, time.monotonic())
        return now_ns

    def step(self) -> float:
        now_ns = self.node.get_clock().now().nanoseconds
        step = self.supply.step(now_ns, wanted=self.output.wanted, due=self.output.due)
        return self.output.step(step, self.supply, now_ns)


@pytest.fixture
def rounds(bench: Bench, bundle_path: Path) -> Rounds:
    return Rounds(bench, bundle_path)


def test_a_message_becomes_a_recognition_in_one_round(rounds: Rounds) -> None:
    rounds.feed()
    assert rounds.step() == IDLE_S
    assert len(rounds.heard.recognitions) == 1


def test_without_news_there_is_no_new_recognition(rounds: Rounds) -> None:
    rounds.feed()
    for _ in range(5):
        rounds.step()
    assert len(rounds.heard.recognitions) == 1


def test_what_came_too_soon_waits_for_its_turn_and_is_not_lost(rounds: Rounds) -> None:
    rounds.node.set_parameters([Parameter("max_rate", value=0.1)])
    rounds.feed()
    rounds.step()
    for _ in range(3):
        rounds.feed()
        assert 0 < rounds.step() <= 10
    assert len(rounds.heard.recognitions) == 1
    assert rounds.supply.reports(0)[0].dropped == 0, "it waits unread: nobody could have used it"


def test_what_waits_is_encoded_when_its_turn_has_come(rounds: Rounds) -> None:
    rounds.node.set_parameters([Parameter("max_rate", value=20.0)])
    rounds.feed()
    rounds.step()
    rounds.feed()
    newest_ns = rounds.feed()
    while len(rounds.heard.recognitions) < 2:
        time.sleep(max(0.0, rounds.step()))
    assert rounds.heard.recognitions[1].stamp_ns == newest_ns


def test_a_round_that_took_long_does_not_delay_the_next_recognition(
    rounds: Rounds, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = SimpleNamespace(now_s=1000.0)
    stand_in = SimpleNamespace(monotonic=lambda: clock.now_s)
    monkeypatch.setattr("omnibind_ros.nodes.recognition_output.time", stand_in)
    rounds.feed()
    rounds.step()
    # Each time the round's work is done 30 ms after it was due; the last one comes after a pause.
    for done_s, next_due_s in ((1000.13, 1000.2), (1000.23, 1000.3), (1000.65, 1000.75)):
        clock.now_s = done_s
        rounds.feed()
        rounds.step()
        assert not rounds.output.due
        clock.now_s = next_due_s + 1e-6
        assert rounds.output.due
    assert len(rounds.heard.recognitions) == 4


def test_for_nobody_nothing_is_encoded_unless_it_is_always_on(rounds: Rounds) -> None:
    rounds.heard.wanted = False
    rounds.feed()
    assert rounds.step() == IDLE_S
    assert rounds.heard.recognitions == []
    assert rounds.supply.loaded == {}
    rounds.node.set_parameters([Parameter("always_on", value=True)])
    rounds.feed()
    rounds.step()
    assert len(rounds.heard.recognitions) == 1


def test_a_source_that_goes_no_longer_contributes(rounds: Rounds) -> None:
    rounds.feed()
    rounds.step()
    assert set(rounds.heard.reports[-1][0]) == {"camera"}
    rounds.camera.enable(False)
    rounds.step()
    assert rounds.heard.reports[-1] == ({}, True)
    rounds.step()
    assert rounds.heard.reports[-1] == ({}, False)


def test_a_source_that_is_removed_no_longer_contributes(rounds: Rounds) -> None:
    rounds.feed()
    rounds.step()
    rounds.supply.remove_source("camera")
    rounds.step()
    assert rounds.heard.reports[-1] == ({}, True)


def test_a_fusion_that_fails_is_told_and_tried_again(
    rounds: Rounds, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(now_ns: int) -> None:
        raise BackendError("out of memory", remedy="free some", source="fusion.onnx")

    rounds.node.set_parameters([Parameter("max_rate", value=1000.0)])
    with monkeypatch.context() as broken:
        broken.setattr(rounds.output._pipeline, "recognise", fail)
        rounds.feed()
        rounds.step()
    assert "fusion.onnx: out of memory" in capfd.readouterr().err

    def recognised() -> bool:
        rounds.feed()
        rounds.step()
        return bool(rounds.heard.recognitions)

    assert any(recognised() for _ in range(1000))


def test_what_is_live_outlives_a_bundle_of_the_same_space(rounds: Rounds, bundle_path: Path) -> None:
    rounds.node.set_parameters([Parameter("max_rate", value=1000.0)])
    rounds.feed()
    rounds.step()
    rounds.output.prepare(load_bundle(bundle_path))()
    assert rounds.output._pipeline is not None
    now_ns = rounds.node.get_clock().now().nanoseconds
    recognition = rounds.output._pipeline.recognise(now_ns)
    assert recognition is not None
    assert set(recognition.contributions) == {"camera"}


def test_released_it_does_nothing(rounds: Rounds) -> None:
    rounds.output.release()
    rounds.feed()
    assert rounds.step() == IDLE_S
    assert rounds.heard.recognitions == []
