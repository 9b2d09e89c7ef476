import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from recorded_bag import Entry, decisions, entry, evidence_message, frame, sensors, write_bag
from tiny_bundle import LABELS

from omnibind_ros.errors import BagError, ConfigurationError
from omnibind_ros.inference.bundle import Bundle
from omnibind_ros.pipeline.recognition import Recognition
from omnibind_ros.pipeline.resources import backend_maker
from omnibind_ros.replay.audit import audit, holds, told_of_audit
from omnibind_ros.replay.bag import Bag
from omnibind_ros.replay.configuration import read_configuration
from omnibind_ros.replay.player import Player
from omnibind_ros.results.evidence import Evidence

SHIPPED = Path(__file__).resolve().parents[2] / "config" / "perception.yaml"
Made = list[tuple[int, Recognition]]


@pytest.fixture(scope="module")
def made(bundle: Bundle, bag_path: Path) -> Made:
    """What a robot recognises that leaves out some frames, which the bag does not tell."""
    sources = [one for one in read_configuration(SHIPPED).sources if one.modality in bundle.modalities]
    sources = [replace(one, topic=f"/{one.topic}") for one in sources]
    player = Player(bundle, sources, backend_maker(1), max_rate_hz=10.0, most_labels=5, labels=None)
    with Bag(bag_path) as bag:
        messages = list(enumerate(bag.messages(bag.topics)))
        used = [one for number, one in messages if number % 4 or one.topic.name.startswith("/microphone")]
        rounds = list(player.play(used, {}))
    player.close()
    return [(one.time_ns, one.recognition) for one in rounds if one.recognition is not None]


def foreign(made: Made) -> Made:
    """The same, recognised in another embedding space."""
    changed = []
    for time_ns, one in made:
        contributions = {
            name: replace(each, embedding=replace(each.embedding, space=1)) for name, each in one.contributions.items()
        }
        changed.append((time_ns, replace(one, contributions=contributions)))
    return changed


Judge = Callable[[list[Entry]], dict[str, Any]]


@pytest.fixture
def judge(tmp_path: Path, bundle_path: Path) -> Judge:
    def judged(entries: list[Entry]) -> dict[str, Any]:
        bag = write_bag(tmp_path / "bag", entries)
        return audit(bag, tmp_path / "out", config=SHIPPED, bundle=str(bundle_path))

    return judged


def test_every_decision_of_a_robot_that_left_frames_out_is_made_again(judge: Judge, made: Made, tmp_path: Path) -> None:
    figures = judge([*sensors(), *decisions(made)])
    assert figures["recognitions"] == figures["decisions"] == figures["same"] == len(made) > 20
    assert figures["largest_difference"] == 0.0
    camera = figures["embeddings"]["camera"]
    assert set(figures["embeddings"]) == {"camera"}
    assert camera["fused"] == camera["in_bag"] == camera["same"] > 20
    assert holds(figures)
    assert f"{len(made)} of {len(made)} decisions are the same again" in told_of_audit(figures)
    rows = [json.loads(line) for line in (tmp_path / "out" / "decisions.jsonl").read_text().splitlines()]
    assert [row["label"] for row in rows] == [one.answer.best.label for _, one in made]
    assert rows[-1]["made_of"].keys() == {"camera", "thermal", "microphone"}
    assert json.loads((tmp_path / "out" / "decisions.json").read_text()) == figures


def test_what_the_robot_did_not_decide_is_found_out(judge: Judge, made: Made) -> None:
    time_ns, one = made[5]
    liar = next(label for label in LABELS if label != one.answer.best.label)
    first, *others = one.answer.hypotheses
    lie = replace(one, answer=replace(one.answer, hypotheses=(replace(first, label=liar), *others)))
    figures = judge([*decisions(made[:5]), *decisions([(time_ns, lie)]), *decisions(made[6:])])
    assert (figures["decisions"], figures["same"]) == (len(made), len(made) - 1)
    assert not holds(figures)


def test_an_embedding_that_is_not_of_its_frame_is_found_out(judge: Judge, made: Made) -> None:
    _, one = made[-1]
    stamp_ns = one.contributions["camera"].embedding.stamp_ns
    black = frame(stamp_ns, data=bytes(len(frame(stamp_ns).data)))
    entries = [
        (time_ns, topic, black if (topic, time_ns) == ("/camera/image_raw", stamp_ns) else message)
        for time_ns, topic, message in sensors()
    ]
    figures = judge([*entries, *decisions(made)])
    camera = figures["embeddings"]["camera"]
    assert camera["in_bag"] - camera["same"] == 1
    assert figures["same"] == figures["decisions"]
    assert not holds(figures)


def test_what_the_recorder_lost_is_counted_and_not_judged(judge: Judge, made: Made) -> None:
    stamps = Counter(one.stamp_ns for _, one in made)
    first, second, *_ = (number for number, (_, one) in enumerate(made) if stamps[one.stamp_ns] == 1)
    lost = {2 * first: "a recognition", 2 * second + 1: "the evidence of another"}
    figures = judge([one for number, one in enumerate(decisions(made)) if number not in lost])
    assert figures["recognitions_without_evidence"] == figures["evidence_without_recognition"] == 1
    assert figures["decisions"] == figures["same"] == len(made) - 2
    assert "recognitions without evidence: 1" in told_of_audit(figures)


def test_what_is_no_evidence_is_counted(judge: Judge, made: Made) -> None:
    def broken(_: int) -> Any:
        message = evidence_message(Evidence.of(made[0][1]))
        message.data = message.data[:-1]
        return message

    figures = judge([*decisions(made), entry(0.5, "/evidence", broken)])
    assert figures["unreadable_messages"] == {"/evidence": 1}
    assert figures["same"] == len(made)


def test_another_bundle_is_refused_where_it_made_every_decision(judge: Judge, made: Made) -> None:
    with pytest.raises(ConfigurationError, match="name the robot's with --bundle"):
        judge(decisions(foreign(made)))


def test_a_bundle_that_was_changed_in_between_leaves_its_decisions_out(judge: Judge, made: Made) -> None:
    figures = judge([*decisions(foreign(made[:1])), *decisions(made[1:])])
    assert figures["evidence_of_other_bundles"] == figures["recognitions_without_evidence"] == 1
    assert figures["same"] == figures["decisions"] == len(made) - 1


def test_a_bag_without_evidence_is_refused_with_what_to_record(judge: Judge, made: Made) -> None:
    with pytest.raises(BagError, match="record both `recognition` and `evidence`"):
        judge([one for one in decisions(made) if one[1] == "/recognition"])


def test_the_node_in_the_namespace_is_audited(tmp_path: Path, bundle_path: Path, made: Made) -> None:
    entries = [
        (time_ns, f"/{robot}{topic}", message)
        for robot, some in (("a", made[:4]), ("b", made))
        for time_ns, topic, message in decisions(some)
    ]
    bag = write_bag(tmp_path / "bag", entries)
    for namespace, count in (("b", len(made)), ("/a", 4)):
        figures = audit(bag, tmp_path / "out", bundle=str(bundle_path), namespace=namespace)
        assert figures["same"] == count
