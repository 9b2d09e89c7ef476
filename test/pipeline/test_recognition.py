from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tiny_bundle import LABELS, fusion_network, tiny_description, write_tiny_bundle

from omnibind_ros.errors import BackendError, FusionError
from omnibind_ros.inference.bundle import Bundle
from omnibind_ros.inference.bundle_writer import write_bundle
from omnibind_ros.inference.embedding import Embedding
from omnibind_ros.inference.onnx_runtime import OnnxRuntimeBackend
from omnibind_ros.modality import Modality
from omnibind_ros.pipeline.encoders import Upgrade
from omnibind_ros.pipeline.recognition import RecognitionPipeline
from omnibind_ros.recognition.label_bank import LabelBank

SECOND = 1_000_000_000
NOW = 1_700_000_000 * SECOND


def make_backend(model: bytes, name: str) -> OnnxRuntimeBackend:
    return OnnxRuntimeBackend(model, name=name)


@pytest.fixture
def pipeline(bundle: Bundle) -> RecognitionPipeline:
    return RecognitionPipeline(bundle, make_backend, most_labels=3)


def embedding(bundle: Bundle, source: str, label: str, *, quality: float = 1.0, stamp_ns: int = NOW) -> Embedding:
    """The embedding of a sensor that sees exactly what a label stands for."""
    vector = bundle.centres_KkD[LABELS.index(label), 0]
    return Embedding(source, Modality.IMAGE, vector, quality, stamp_ns, f"{source}_link", bundle.space)


def accept(pipeline: RecognitionPipeline, *embeddings: Embedding, ttl_s: float = 0.5) -> None:
    for one in embeddings:
        pipeline.accept(one, ttl_s=ttl_s, now_ns=NOW)


def test_with_nothing_live_there_is_no_answer(pipeline: RecognitionPipeline) -> None:
    assert pipeline.recognise(NOW) is None


def test_one_sensor_is_enough(pipeline: RecognitionPipeline, bundle: Bundle) -> None:
    accept(pipeline, embedding(bundle, "camera", "bottle"))
    recognition = pipeline.recognise(NOW)
    assert recognition is not None
    assert recognition.answer.best.label == "bottle"
    assert len(recognition.answer.hypotheses) == 3
    assert recognition.contributions["camera"].weight == pytest.approx(1.0)
    np.testing.assert_allclose(recognition.vector, bundle.centres_KkD[2, 0], atol=1e-6)


def test_the_better_signal_wins_and_each_says_what_it_saw_alone(pipeline: RecognitionPipeline, bundle: Bundle) -> None:
    accept(
        pipeline,
        embedding(bundle, "camera", "mug", quality=0.2),
        embedding(bundle, "thermal", "hammer", quality=1.0),
    )
    recognition = pipeline.recognise(NOW)
    assert recognition is not None
    assert recognition.answer.best.label == "hammer"
    assert {name: one.alone().label for name, one in recognition.contributions.items()} == {
        "camera": "mug",
        "thermal": "hammer",
    }
    assert recognition.contributions["thermal"].weight > recognition.contributions["camera"].weight


def test_time_and_frame_are_those_of_the_newest(pipeline: RecognitionPipeline, bundle: Bundle) -> None:
    accept(
        pipeline,
        embedding(bundle, "camera", "mug", stamp_ns=NOW - 5),
        embedding(bundle, "thermal", "mug", stamp_ns=NOW - 2),
        embedding(bundle, "zoom", "mug", stamp_ns=NOW - 9),
    )
    recognition = pipeline.recognise(NOW)
    assert recognition is not None
    assert (recognition.stamp_ns, recognition.frame_id) == (NOW - 2, "thermal_link")


def test_an_excluded_source_and_an_old_one_no_longer_count(pipeline: RecognitionPipeline, bundle: Bundle) -> None:
    accept(pipeline, embedding(bundle, "camera", "mug"), embedding(bundle, "thermal", "hammer"))
    pipeline.exclude("camera")
    recognition = pipeline.recognise(NOW)
    assert recognition is not None
    assert set(recognition.contributions) == {"thermal"}
    assert pipeline.recognise(NOW + SECOND) is None


def test_an_embedding_of_another_bundle_is_refused(pipeline: RecognitionPipeline, bundle: Bundle) -> None:
    other = Embedding("camera", Modality.IMAGE, bundle.centres_KkD[0, 0], 1.0, NOW, "", bundle.space ^ 1)
    with pytest.raises(FusionError, match="camera: "):
        accept(pipeline, other)


def test_a_fusion_head_of_another_bundle_is_refused_at_the_start(tmp_path) -> None:
    bundle = write_tiny_bundle(tmp_path / "tiny", fusion=fusion_network(dimension=8))
    with pytest.raises(BackendError, match=r"fusion\.onnx: .*embeddings of length"):
        RecognitionPipeline(bundle, make_backend, most_labels=3)


def test_after_closing_it_refuses_to_answer(pipeline: RecognitionPipeline, bundle: Bundle) -> None:
    accept(pipeline, embedding(bundle, "camera", "mug"))
    pipeline.close()
    with pytest.raises(BackendError, match="closed"):
        pipeline.recognise(NOW)


class Better:
    """A better backend for the fusion head, which comes when a test says so."""

    def __init__(self) -> None:
        self.made: list[OnnxRuntimeBackend] = []
        self.outcome: Future[Any] = Future()
        self.job: Callable[[], Any] = lambda: None
        self.upgrade = Upgrade(self.make, self, lambda backend: backend not in self.made)  # type: ignore[arg-type]

    def make(self, model: bytes, name: str) -> OnnxRuntimeBackend:
        self.made.append(make_backend(model, name))
        return self.made[-1]

    def submit(self, job: Callable[..., Any], *arguments: Any) -> "Future[Any]":
        self.job = lambda: job(*arguments)
        return self.outcome

    def finish(self) -> None:
        self.outcome.set_result(self.job())


def test_a_better_fusion_head_takes_over_and_answers_the_same(bundle: Bundle) -> None:
    better = Better()
    pipeline = RecognitionPipeline(bundle, make_backend, most_labels=3, upgrade=better.upgrade)
    accept(pipeline, embedding(bundle, "camera", "mug"))
    first, before = pipeline.backend, pipeline.recognise(NOW)
    assert pipeline.collect() == []
    assert pipeline.backend is first
    better.finish()
    assert pipeline.backend is first, "not in the middle of a round"
    assert pipeline.collect() == []
    assert pipeline.backend is better.made[0]
    with pytest.raises(BackendError, match="closed"):
        first.run({})
    after = pipeline.recognise(NOW)
    assert before is not None
    assert after is not None
    assert after.answer == before.answer


def test_a_better_fusion_head_that_cannot_be_made_is_told_once(bundle: Bundle) -> None:
    better = Better()
    pipeline = RecognitionPipeline(bundle, make_backend, most_labels=3, upgrade=better.upgrade)
    error = BackendError("no memory", remedy="free some")
    better.outcome.set_exception(error)
    assert [pipeline.collect(), pipeline.collect()] == [[error], []]
    accept(pipeline, embedding(bundle, "camera", "mug"))
    assert pipeline.recognise(NOW) is not None


def test_a_better_fusion_head_that_comes_too_late_is_released(bundle: Bundle) -> None:
    better = Better()
    pipeline = RecognitionPipeline(bundle, make_backend, most_labels=3, upgrade=better.upgrade)
    assert better.outcome.set_running_or_notify_cancel()
    pipeline.close()
    better.finish()
    with pytest.raises(BackendError, match="closed"):
        better.made[0].run({})


def test_what_is_live_goes_over_to_a_pipeline_of_the_same_space_only(bundle: Bundle, tmp_path: Path) -> None:
    description, contents = tiny_description()
    foreign = write_bundle(tmp_path / "x", {**description, "space": {**description["space"], "id": "x"}}, contents)
    old = RecognitionPipeline(bundle, make_backend, most_labels=3)
    accept(old, embedding(bundle, "camera", "mug"))
    for successor, expected in ((bundle, {"camera"}), (foreign, set())):
        fresh = RecognitionPipeline(successor, make_backend, most_labels=3)
        fresh.take_over(old)
        recognition = fresh.recognise(NOW)
        assert set(recognition.contributions if recognition else ()) == expected


def test_other_labels_are_told_apart(bundle: Bundle) -> None:
    bank = LabelBank(("cat", "dog"), bundle.centres_KkD[:2])
    pipeline = RecognitionPipeline(bundle, make_backend, most_labels=3, labels=bank)
    assert pipeline.labels == ("cat", "dog")
    accept(pipeline, embedding(bundle, "camera", LABELS[1]))
    recognition = pipeline.recognise(NOW)
    assert recognition is not None
    assert recognition.answer.best.label == "dog"
