import numpy as np
import pytest

from omnibind_ros.demo.record import LIVE_UNUSED, Span
from omnibind_ros.errors import MessageError
from omnibind_ros.fusion.source_state import NANOSECONDS, SourceState, Transition
from omnibind_ros.inference.embedding import Embedding
from omnibind_ros.modality import Modality
from omnibind_ros.pipeline.recognition import Contribution, Recognition
from omnibind_ros.recognition.recogniser import Answer, Hypothesis
from omnibind_ros.replay.configuration import configuration
from omnibind_ros.replay.player import Round
from omnibind_ros.replay.run import ReplayRun

START_NS = 1_000 * NANOSECONDS
EMBEDDING = Embedding("camera", Modality.IMAGE, np.ones(1, np.float32), 1.0, START_NS, "eye", 7)


@pytest.fixture
def run() -> ReplayRun:
    given = {"sources": ["camera", "ear"], "camera.modality": "image", "camera.topic": "/eye", "ear.modality": "audio"}
    return ReplayRun(configuration({**given, "ear.topic": "/ear"}).sources, START_NS)


def moment(time_s: float, **changes: object) -> Round:
    fields = {"embedded": {}, "transitions": (), "errors": (), "recognition": None, **changes}
    return Round(START_NS + round(time_s * NANOSECONDS), **fields)  # type: ignore[arg-type]


def recognition(label: str, seen_s: float, **weights: float) -> Recognition:
    answer = Answer((Hypothesis(label, 0.75), Hypothesis("cup", 0.25)), abstained=False)
    contributions = {
        source: Contribution(weight, EMBEDDING, lambda: Hypothesis(label, 0.5)) for source, weight in weights.items()
    }
    return Recognition(START_NS + round(seen_s * NANOSECONDS), "eye", answer, np.zeros(2, np.float32), contributions)


def test_recognitions_become_rows_and_points_of_the_picture(run: ReplayRun) -> None:
    run.note(moment(1.5, recognition=recognition("mug", 1.25, camera=0.75, ear=0.25)))
    (row,) = run.recognitions
    assert (row["label"], row["score"], row["weights"]) == ("mug", 0.75, {"camera": 0.75, "ear": 0.25})
    assert row["received_ns"] - row["stamp_ns"] == NANOSECONDS // 4
    assert [one["label"] for one in row["hypotheses"]] == ["mug", "cup"]
    (point,) = run.recognised
    assert (point.seen_s, point.received_s) == (1.25, 1.5)
    assert run.sources["ear"].weight == 0.25


def test_states_become_lanes_and_what_sees_nothing_is_told_apart(run: ReplayRun) -> None:
    to_live = Transition("camera", SourceState.ABSENT, SourceState.LIVE, "data is arriving")
    run.note(moment(1.0, transitions=(to_live,), embedded={"camera": 1.0}))
    run.note(moment(2.0, embedded={"camera": 0.0}))
    run.note(moment(3.0, transitions=(Transition("camera", SourceState.LIVE, SourceState.STALE, "silence"),)))
    assert run.states["camera"].spans(4.0) == [
        Span("absent", 0.0, 1.0), Span("live", 1.0, 2.0), Span(LIVE_UNUSED, 2.0, 3.0), Span("stale", 3.0, 4.0),
    ]  # fmt: skip
    assert [row["after"] for row in run.transitions] == ["live", "stale"]
    assert run.sources["camera"].embeddings == 2


def test_errors_that_differ_in_numbers_only_are_counted_as_one(run: ReplayRun) -> None:
    for size in (10, 20, 30):
        run.note(moment(1.0, errors=(MessageError(f"{size} bytes", remedy="fix it", source="camera"),)))
    assert run.errors == {"camera: 10 bytes (fix it)": 3}


def test_ever_new_errors_do_not_fill_the_report(run: ReplayRun) -> None:
    for number in range(500):
        word = "".join(chr(ord("a") + int(digit)) for digit in str(number))
        run.note(moment(1.0, errors=(MessageError(word, remedy="fix it"),)))
    assert len(run.errors) < 100
