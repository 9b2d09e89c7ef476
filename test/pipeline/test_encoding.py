import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from pathlib import Path

import numpy as np
import pytest
from fabricated import SECOND, audio_message, image_message, thermal_message
from fake_backend import FakeBackend, fake_encoder
from numpy.typing import NDArray
from tiny_bundle import DIMENSION, encoder_network, tiny_description, write_tiny_bundle

from omnibind_ros.errors import BackendError, ConfigurationError
from omnibind_ros.fusion.source_state import RETRY_S, LivenessSettings, SourceState
from omnibind_ros.inference.bundle import Bundle
from omnibind_ros.inference.bundle_writer import write_bundle
from omnibind_ros.inference.onnx_runtime import OnnxRuntimeBackend
from omnibind_ros.modality import Modality
from omnibind_ros.pipeline.background import Inline, Lanes
from omnibind_ros.pipeline.encoders import FIRST_RETRY_S, Upgrade
from omnibind_ros.pipeline.encoding import EncodingPipeline, EncodingStep
from omnibind_ros.pipeline.source_settings import SourceSettings

NOW = 1_700_000_000 * SECOND
PERIOD_NS = SECOND // 10
MAKE = {Modality.IMAGE: image_message, Modality.THERMAL: thermal_message, Modality.AUDIO: audio_message}


class Bench:
    """A pipeline with a clock, sensors to feed, and every backend it made."""

    def __init__(
        self, bundle: Bundle, make_backend: Callable[[bytes, str], object], *, loads: Executor | None = None
    ) -> None:
        self.made: dict[str, FakeBackend] = {}
        self.now_ns = NOW

        def remember(model: bytes, name: str):
            self.made[name] = make_backend(model, name)
            return self.made[name]

        self.make_backend = remember
        self.pipeline = EncodingPipeline(bundle, remember, lambda: self.now_ns / SECOND, loads=loads)

    def add(self, name: str, modality: Modality, *, ttl_s: float = 0.5, enabled: bool = True) -> None:
        liveness = LivenessSettings(ttl_s, frozen_after_s=1.0, max_clock_offset_s=1.0)
        self.pipeline.add_source(SourceSettings(name, modality, f"{name}/data", liveness, enabled=enabled))

    def source(self, name: str):
        return next(source for source in self.pipeline.sources if source.name == name)

    def feed(self, name: str, **changes: object) -> None:
        source = self.source(name)
        message = MAKE[source.settings.modality](self.now_ns, **changes)
        source.receive(message, self.now_ns, self.now_ns / SECOND)

    def step(self, *, wanted: bool = True, due: bool = True) -> EncodingStep:
        step = self.pipeline.step(self.now_ns, wanted=wanted, due=due)
        self.now_ns += PERIOD_NS
        return step

    def encoded(self, network: str) -> list[int]:
        """The sizes of the batches a network ran, after that with which it was warmed up."""
        return [len(feeds["input"]) for feeds in self.made[network].fed][1:]

    def states(self) -> dict[str, SourceState]:
        return {source.name: source.state for source in self.pipeline.sources}


def onnx_backend(model: bytes, name: str) -> OnnxRuntimeBackend:
    return OnnxRuntimeBackend(model, name=name)


@pytest.fixture
def bench(bundle: Bundle) -> Bench:
    """Real networks of the tiny bundle."""
    return Bench(bundle, onnx_backend)


@pytest.fixture
def fake_bench(bundle: Bundle) -> Bench:
    """Backends a test can look into and break."""
    shapes = {f"{modality}.onnx": settings.input_shape for modality, settings in bundle.settings.items()}
    return Bench(bundle, lambda _, name: fake_encoder(shapes[name], DIMENSION))


def sources(step: EncodingStep) -> list[str]:
    return sorted(embedding.source for embedding in step.embeddings)


def test_messages_of_every_kind_become_unit_vectors(bench: Bench, bundle: Bundle) -> None:
    for name, modality in (("camera", Modality.IMAGE), ("thermal", Modality.THERMAL), ("microphone", Modality.AUDIO)):
        bench.add(name, modality)
    seen: dict[str, int] = {}
    for _ in range(12):
        for source in bench.pipeline.sources:
            bench.feed(source.name)
        now_ns = bench.now_ns
        step = bench.step()
        assert step.errors == ()
        for embedding in step.embeddings:
            seen[embedding.source] = seen.get(embedding.source, 0) + 1
            assert np.linalg.norm(embedding.vector) == pytest.approx(1.0, abs=1e-5)
            assert embedding.space == bundle.space
            assert embedding.frame_id == "sensor"
            assert abs(embedding.stamp_ns - now_ns) <= PERIOD_NS * 1.1
            assert 0 < embedding.quality <= 1
    assert seen["camera"] == seen["thermal"] == 12
    assert seen["microphone"] >= 1


def test_encoders_are_loaded_on_first_need_only(bench: Bench) -> None:
    bench.add("camera", Modality.IMAGE)
    bench.add("thermal", Modality.THERMAL)
    bench.step()
    assert bench.pipeline.loaded == {}
    bench.feed("camera")
    bench.step()
    assert list(bench.pipeline.loaded) == [Modality.IMAGE]


def test_encoders_can_be_loaded_before(bench: Bench) -> None:
    bench.pipeline.load([Modality.IMAGE, Modality.AUDIO])
    assert set(bench.pipeline.loaded) == {Modality.IMAGE, Modality.AUDIO}


def test_all_sources_of_a_modality_make_one_batch(fake_bench: Bench) -> None:
    for name in ("left", "right", "rear"):
        fake_bench.add(name, Modality.IMAGE)
        fake_bench.feed(name)
    fake_bench.add("thermal", Modality.THERMAL)
    fake_bench.feed("thermal")
    step = fake_bench.step()
    assert sources(step) == ["left", "rear", "right", "thermal"]
    assert fake_bench.encoded("image.onnx") == [3]
    assert fake_bench.encoded("thermal.onnx") == [1]


def test_of_many_messages_only_the_newest_is_encoded(fake_bench: Bench) -> None:
    fake_bench.add("camera", Modality.IMAGE)
    for _ in range(5):
        fake_bench.feed("camera")
        fake_bench.now_ns += 1
    step = fake_bench.step()
    assert [embedding.stamp_ns for embedding in step.embeddings] == [NOW + 4]
    assert fake_bench.pipeline.reports(fake_bench.now_ns)[0].dropped == 4


def test_a_bad_source_leaves_the_others_alone(fake_bench: Bench) -> None:
    fake_bench.add("camera", Modality.IMAGE)
    fake_bench.add("broken", Modality.IMAGE)
    for _ in range(4):
        fake_bench.feed("camera")
        fake_bench.feed("broken", encoding="smell8")
        step = fake_bench.step()
        assert sources(step) == ["camera"]
        (error,) = step.errors
        assert str(error).startswith("broken: ")
    assert fake_bench.states() == {"camera": SourceState.LIVE, "broken": SourceState.FAULTY}
    fake_bench.feed("broken")
    assert sources(fake_bench.step()) == ["broken"]


def test_a_failing_encoder_costs_its_modality_only_and_recovers(fake_bench: Bench) -> None:
    fake_bench.add("camera", Modality.IMAGE)
    fake_bench.add("thermal", Modality.THERMAL)

    def next_step() -> EncodingStep:
        fake_bench.feed("camera")
        fake_bench.feed("thermal")
        return fake_bench.step()

    assert sources(next_step()) == ["camera", "thermal"]
    backend = fake_bench.made["image.onnx"]
    healthy = backend.compute

    def broken(_: object) -> dict:
        raise BackendError("out of memory", remedy="free some", source="image.onnx")

    backend.compute = broken
    step = next_step()
    assert sources(step) == ["thermal"]
    assert [str(error) for error in step.errors] == ["image.onnx: out of memory (free some)"]
    next_step()
    assert fake_bench.states() == {"camera": SourceState.FAULTY, "thermal": SourceState.LIVE}
    assert "out of memory" in fake_bench.pipeline.reports(fake_bench.now_ns)[0].reason
    tried = len(backend.fed)
    for _ in range(5):
        next_step()
    assert len(backend.fed) == tried, "a failing encoder is not tried with every message"
    backend.compute = healthy
    for _ in range(round(RETRY_S * SECOND / PERIOD_NS)):
        step = next_step()
    assert sources(step) == ["camera", "thermal"]
    assert set(fake_bench.states().values()) == {SourceState.LIVE}


def test_an_encoder_that_cannot_be_loaded_is_a_fault_of_its_sources(bundle: Bundle) -> None:
    def refuse(_: bytes, name: str) -> FakeBackend:
        raise BackendError("cannot load the network", remedy="export it again", source=name)

    bench = Bench(bundle, refuse)
    bench.add("camera", Modality.IMAGE)
    for _ in range(2):
        bench.feed("camera")
        step = bench.step()
    assert step.embeddings == ()
    assert bench.states() == {"camera": SourceState.FAULTY}


def test_a_frozen_frame_is_not_encoded(fake_bench: Bench) -> None:
    fake_bench.add("camera", Modality.IMAGE)
    encoded = []
    for _ in range(20):
        fake_bench.feed("camera", seed=1)
        encoded.append(bool(fake_bench.step().embeddings))
    assert encoded == [True] * 10 + [False] * 10
    assert fake_bench.states() == {"camera": SourceState.FROZEN}


def test_what_nobody_wants_is_not_computed_but_states_are_kept(fake_bench: Bench) -> None:
    fake_bench.add("camera", Modality.IMAGE)
    for _ in range(5):
        fake_bench.feed("camera", step=1)  # would be an error if it were read
        step = fake_bench.step(wanted=False)
        assert (step.embeddings, step.errors) == ((), ())
    assert fake_bench.made == {}
    assert fake_bench.states() == {"camera": SourceState.LIVE}
    for _ in range(10):
        step = fake_bench.step(wanted=False)
    assert fake_bench.states() == {"camera": SourceState.STALE}


def test_a_disabled_source_is_not_read(fake_bench: Bench) -> None:
    fake_bench.add("camera", Modality.IMAGE, enabled=False)
    for _ in range(3):
        fake_bench.feed("camera")
        assert fake_bench.step().embeddings == ()
    fake_bench.source("camera").enable(True)
    embeddings = 0
    for _ in range(3):
        fake_bench.feed("camera")
        embeddings += len(fake_bench.step().embeddings)
    assert embeddings >= 2


def test_transitions_come_once_each(fake_bench: Bench) -> None:
    fake_bench.add("camera", Modality.IMAGE)
    told = []
    for _ in range(5):
        fake_bench.feed("camera")
        told += fake_bench.step().transitions
    fake_bench.source("camera").publishers_changed(0)
    for _ in range(3):
        told += fake_bench.step().transitions
    assert [(one.before, one.after) for one in told] == [
        (SourceState.ABSENT, SourceState.LIVE),
        (SourceState.LIVE, SourceState.ABSENT),
    ]


def test_two_sources_cannot_share_a_name(bench: Bench) -> None:
    bench.add("camera", Modality.IMAGE)
    with pytest.raises(ConfigurationError, match="camera: the name is taken"):
        bench.add("camera", Modality.THERMAL)


def test_a_modality_the_bundle_lacks_is_refused_with_those_it_has(bench: Bench) -> None:
    with pytest.raises(
        ConfigurationError, match=r"lidar: the bundle tiny has no encoder for point \(use one of image,"
    ):
        bench.add("lidar", Modality.POINT)


def test_closing_releases_every_encoder(fake_bench: Bench) -> None:
    fake_bench.add("camera", Modality.IMAGE)
    fake_bench.feed("camera")
    fake_bench.step()
    fake_bench.pipeline.close()
    assert all(backend.closed for backend in fake_bench.made.values())
    assert fake_bench.pipeline.loaded == {}


def test_latency_is_measured_on_the_steady_clock(bundle: Bundle) -> None:
    steady_s = iter([100.0, 100.25, 101.0])
    pipeline = EncodingPipeline(
        bundle, lambda model, name: OnnxRuntimeBackend(model, name=name), lambda: next(steady_s)
    )
    source = pipeline.add_source(SourceSettings("camera", Modality.IMAGE, "x", LivenessSettings(0.5, 1, 1)))
    source.receive(image_message(NOW), NOW, 100.0)
    pipeline.step(NOW, wanted=True)
    assert pipeline.reports(NOW)[0].latency_s == pytest.approx(0.25)


def test_a_source_that_is_removed_or_replaced_is_told_once(bench: Bench) -> None:
    bench.add("camera", Modality.IMAGE)
    bench.add("thermal", Modality.THERMAL)
    assert bench.step().gone == ()
    bench.pipeline.remove_source("camera")
    assert bench.pipeline.ttl_s("camera") == 0.0
    assert bench.step().gone == ("camera",)
    bench.pipeline.remove_source("thermal")
    bench.add("thermal", Modality.THERMAL, ttl_s=3.0)
    assert bench.pipeline.ttl_s("thermal") == 3.0
    assert bench.step().gone == ("thermal",)
    assert bench.step().gone == ()


def test_what_nothing_uses_is_released(fake_bench: Bench) -> None:
    fake_bench.add("camera", Modality.IMAGE)
    fake_bench.feed("camera")
    fake_bench.step()
    fake_bench.pipeline.release_idle(1.0)
    assert fake_bench.pipeline.loaded
    fake_bench.now_ns += SECOND
    fake_bench.pipeline.release_idle(1.0)
    assert fake_bench.pipeline.loaded == {}
    fake_bench.feed("camera")
    assert sources(fake_bench.step()) == ["camera"]


def test_another_bundle_takes_over_between_two_steps(bench: Bench, tmp_path: Path) -> None:
    for name, modality in (("camera", Modality.IMAGE), ("microphone", Modality.AUDIO)):
        bench.add(name, modality)
    before = []
    for _ in range(12):
        bench.feed("camera", seed=bench.now_ns)
        bench.feed("microphone")
        before += sources(bench.step())
    assert {"camera", "microphone"} == set(before)
    other = write_tiny_bundle(tmp_path / "other", image=encoder_network((3, 64, 64), seed=99))
    succession = bench.pipeline.prepare_succession(other, bench.make_backend)
    assert set(succession.encoders.loaded) == {Modality.IMAGE, Modality.AUDIO}
    assert succession.readers == {}
    bench.pipeline.succeed(succession)
    assert bench.pipeline.bundle is other
    after = []
    for _ in range(3):
        bench.feed("camera", seed=bench.now_ns)
        bench.feed("microphone")
        after += sources(bench.step())
    assert after.count("camera") == 3, "no frame is lost"
    assert "microphone" in after, "its window was kept"
    assert set(bench.states().values()) == {SourceState.LIVE}


def test_a_source_that_the_next_bundle_cannot_encode_goes(bench: Bench, tmp_path: Path) -> None:
    description, contents = tiny_description()
    del description["encoders"]["thermal"], contents["thermal.onnx"]
    bench.add("camera", Modality.IMAGE)
    bench.add("thermal", Modality.THERMAL)
    bench.step()
    fewer = write_bundle(tmp_path / "fewer", description, contents)
    bench.pipeline.succeed(bench.pipeline.prepare_succession(fewer, bench.make_backend))
    assert bench.step().gone == ("thermal",)
    assert set(bench.states()) == {"camera"}


def test_a_bundle_that_fails_when_it_is_prepared_changes_nothing(fake_bench: Bench, tmp_path: Path) -> None:
    for name, modality in (("camera", Modality.IMAGE), ("thermal", Modality.THERMAL)):
        fake_bench.add(name, modality)
        fake_bench.feed(name)
    fake_bench.step()
    in_use = dict(fake_bench.made)
    wrong = write_tiny_bundle(tmp_path / "wrong")

    def fail_at_the_second(model: bytes, name: str) -> object:
        if name == "thermal.onnx":
            raise BackendError("no memory", remedy="free some", source=name)
        return fake_bench.make_backend(model, name)

    with pytest.raises(BackendError):
        fake_bench.pipeline.prepare_succession(wrong, fail_at_the_second)
    assert fake_bench.made["image.onnx"].closed, "what was loaded for nothing is released"
    assert not any(backend.closed for backend in in_use.values())
    fake_bench.feed("camera", seed=5)
    assert sources(fake_bench.step()) == ["camera"]


def test_a_succession_has_its_own_upgrade(fake_bench: Bench, tmp_path: Path) -> None:
    fake_bench.add("camera", Modality.IMAGE)
    fake_bench.feed("camera")
    fake_bench.step()
    better: list[object] = []

    def make_better(model: bytes, name: str) -> object:
        better.append(fake_bench.make_backend(model, name))
        return better[-1]

    upgrade = Upgrade(make_better, Inline(), lambda backend: backend not in better)
    other = write_tiny_bundle(tmp_path / "other")
    fake_bench.pipeline.succeed(fake_bench.pipeline.prepare_succession(other, fake_bench.make_backend, upgrade=upgrade))
    fake_bench.step()
    assert fake_bench.pipeline.loaded[Modality.IMAGE].backend is better[0]


def test_a_vector_that_is_not_finite_is_a_fault_of_its_source_only(fake_bench: Bench) -> None:
    for name in ("left", "right"):
        fake_bench.add(name, Modality.IMAGE)

    def next_step() -> EncodingStep:
        fake_bench.feed("left")
        fake_bench.feed("right", seed=fake_bench.now_ns + 1)
        return fake_bench.step()

    assert sources(next_step()) == ["left", "right"]
    backend = fake_bench.made["image.onnx"]
    healthy = backend.compute

    def second_is_not_finite(feeds: Mapping[str, NDArray]) -> dict[str, NDArray]:
        vectors = healthy(feeds)["embedding"]
        vectors[1:] = np.nan
        return {"embedding": vectors}

    backend.compute = second_is_not_finite
    step = next_step()
    assert sources(step) == ["left"]
    assert [str(error).partition(" (")[0] for error in step.errors] == [
        "right: the image encoder returned no finite vector"
    ]
    assert sources(next_step()) == ["left"]
    assert fake_bench.states() == {"left": SourceState.LIVE, "right": SourceState.FAULTY}
    backend.compute = healthy
    for _ in range(round(RETRY_S * SECOND / PERIOD_NS)):
        step = next_step()
    assert sources(step) == ["left", "right"]


class SlowBench(Bench):
    """The image encoder is loaded beside the steps, for as long as a test wants."""

    def __init__(self, bundle: Bundle) -> None:
        shapes = {f"{modality}.onnx": settings.input_shape for modality, settings in bundle.settings.items()}
        self.may_end = threading.Event()
        self.problem: BackendError | None = None

        def make(_: bytes, name: str) -> FakeBackend:
            if name == "image.onnx":
                assert self.may_end.wait(30)
                if self.problem is not None:
                    raise self.problem
            return fake_encoder(shapes[name], DIMENSION)

        self.woken = threading.Event()
        self.lane = Lanes("loads", 2, self.woken.set)
        super().__init__(bundle, make, loads=self.lane)

    def end_loading(self) -> None:
        self.may_end.set()
        self.lane.shutdown()
        self.may_end.clear()


@pytest.fixture
def slow_bench(bundle: Bundle) -> SlowBench:
    bench = SlowBench(bundle)
    bench.add("thermal", Modality.THERMAL)
    bench.feed("thermal")
    bench.step()
    bench.lane.shutdown()
    return bench


def test_while_an_encoder_is_loaded_the_others_go_on_without_a_gap(slow_bench: SlowBench) -> None:
    slow_bench.add("camera", Modality.IMAGE)
    for _ in range(50):
        slow_bench.feed("thermal")
        slow_bench.feed("camera")
        assert sources(slow_bench.step()) == ["thermal"]
        assert slow_bench.states() == {"thermal": SourceState.LIVE, "camera": SourceState.BUILDING}
    assert slow_bench.pipeline.building == (Modality.IMAGE,)
    slow_bench.woken.clear()
    slow_bench.end_loading()
    assert slow_bench.woken.is_set(), "the worker need not wait for the next message"
    slow_bench.feed("camera")
    newest_ns = slow_bench.now_ns
    step = slow_bench.step()
    assert [embedding.stamp_ns for embedding in step.embeddings if embedding.source == "camera"] == [newest_ns]
    assert slow_bench.states()["camera"] is SourceState.LIVE
    assert slow_bench.pipeline.building == ()


def test_a_single_message_is_not_lost_while_its_encoder_is_loaded(slow_bench: SlowBench) -> None:
    slow_bench.add("camera", Modality.IMAGE, ttl_s=3.0)
    slow_bench.feed("camera")
    sent_ns = slow_bench.now_ns
    for _ in range(10):
        slow_bench.step()
    slow_bench.end_loading()
    assert [(embedding.source, embedding.stamp_ns) for embedding in slow_bench.step().embeddings] == [
        ("camera", sent_ns)
    ]
    assert slow_bench.step().embeddings == ()


def test_what_is_too_old_when_its_encoder_is_there_is_not_encoded(slow_bench: SlowBench) -> None:
    slow_bench.add("camera", Modality.IMAGE, ttl_s=0.5)
    slow_bench.feed("camera")
    for _ in range(10):
        slow_bench.step()
    slow_bench.end_loading()
    assert slow_bench.step().embeddings == ()
    assert slow_bench.states()["camera"] is SourceState.STALE


def test_what_waited_for_its_encoder_goes_with_its_sensor(slow_bench: SlowBench) -> None:
    slow_bench.add("camera", Modality.IMAGE, ttl_s=3.0)
    slow_bench.feed("camera")
    slow_bench.step()
    slow_bench.source("camera").publishers_changed(0)
    slow_bench.source("camera").publishers_changed(1)
    slow_bench.end_loading()
    assert slow_bench.step().embeddings == ()


def test_a_load_that_fails_is_a_fault_that_is_told_once_a_try_and_passes(slow_bench: SlowBench) -> None:
    slow_bench.problem = BackendError("no memory", remedy="free some", source="image.onnx")
    slow_bench.add("camera", Modality.IMAGE)
    told, transitions = [], []

    def next_step() -> EncodingStep:
        slow_bench.feed("camera")
        step = slow_bench.step()
        told.extend(step.errors)
        transitions.extend((one.before, one.after) for one in step.transitions if one.source == "camera")
        return step

    next_step()
    slow_bench.end_loading()
    for _ in range(round(FIRST_RETRY_S * SECOND / PERIOD_NS) - 2):
        next_step()
    assert told == [slow_bench.problem]
    assert slow_bench.pipeline.reports(slow_bench.now_ns)[1].reason == "image.onnx: no memory (free some)"
    slow_bench.problem = None
    while slow_bench.pipeline._encoders.must_wait(Modality.IMAGE, slow_bench.now_ns / SECOND):
        next_step()
    next_step()
    slow_bench.end_loading()
    assert sources(next_step()) == ["camera"]
    assert transitions == [
        (SourceState.ABSENT, SourceState.BUILDING),
        (SourceState.BUILDING, SourceState.FAULTY),
        (SourceState.FAULTY, SourceState.LIVE),
    ]
    assert len(told) == 1


def test_an_encoder_is_not_loaded_for_what_is_frozen(fake_bench: Bench) -> None:
    fake_bench.add("camera", Modality.IMAGE)
    for _ in range(20):
        fake_bench.feed("camera", seed=1)
        fake_bench.step()
    fake_bench.pipeline.release_idle(0.5)
    for _ in range(20):
        fake_bench.feed("camera", seed=1)
        fake_bench.step()
    assert fake_bench.pipeline.loaded == {}
    fake_bench.feed("camera")
    assert sources(fake_bench.step()) == ["camera"]


def test_frames_between_two_results_are_neither_decoded_nor_encoded(fake_bench: Bench) -> None:
    fake_bench.add("camera", Modality.IMAGE)
    made = []
    for number in range(30):
        due = number % 3 == 2
        fake_bench.feed("camera", **({} if due else {"step": 1}))  # malformed: decoding it would be an error
        newest_ns = fake_bench.now_ns
        step = fake_bench.step(due=due)
        assert step.errors == ()
        assert step.waits is not due
        made += [embedding.stamp_ns == newest_ns for embedding in step.embeddings]
        assert fake_bench.states() == {"camera": SourceState.LIVE}
    assert made == [True] * 10
    assert fake_bench.encoded("image.onnx") == [1] * 10
    assert fake_bench.pipeline.reports(fake_bench.now_ns)[0].dropped == 0


def test_what_came_between_two_results_is_encoded_when_the_next_is_due(fake_bench: Bench) -> None:
    fake_bench.add("camera", Modality.IMAGE)
    fake_bench.feed("camera")
    sent_ns = fake_bench.now_ns
    assert fake_bench.step(due=False).embeddings == ()
    assert [embedding.stamp_ns for embedding in fake_bench.step().embeddings] == [sent_ns]
    assert not fake_bench.step(due=False).waits


def test_of_a_stream_every_packet_counts_but_a_window_is_taken_only_when_due(fake_bench: Bench) -> None:
    fake_bench.add("microphone", Modality.AUDIO)
    taken = 0
    for number in range(30):
        fake_bench.feed("microphone")
        step = fake_bench.step(due=number % 10 == 9)
        taken += len(step.embeddings)
        assert step.errors == ()
    assert taken == 3, "with a hole in it no window of a second would be complete"
    assert fake_bench.encoded("audio.onnx") == [1, 1, 1]


def test_a_frozen_source_stays_so_between_two_results(fake_bench: Bench) -> None:
    fake_bench.add("camera", Modality.IMAGE)
    for number in range(30):
        fake_bench.feed("camera", seed=1)
        fake_bench.step(due=number % 3 == 0)
    for number in range(9):
        fake_bench.feed("camera", seed=1)
        fake_bench.step(due=number % 3 == 0)
        assert fake_bench.states() == {"camera": SourceState.FROZEN}
