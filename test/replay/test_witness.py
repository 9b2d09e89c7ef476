from pathlib import Path

from recorded_bag import START_NS, classification, entry, every, frame, states, write_bag

from omnibind_ros.inference.bundle import Bundle
from omnibind_ros.pipeline.resources import backend_maker
from omnibind_ros.replay.bag import Bag
from omnibind_ros.replay.configuration import configuration
from omnibind_ros.replay.player import Player
from omnibind_ros.replay.witness import Agreement, Witness

SOURCES = configuration({"sources": ["camera"], "camera.modality": "image", "camera.topic": "/eye"}).sources


def test_a_source_comes_and_goes_as_the_robot_recorded(tmp_path: Path, bundle: Bundle) -> None:
    write_bag(
        tmp_path / "bag",
        [
            *every(0.1, 0.5, "/eye", frame),
            entry(0.45, "/sources", states, camera="absent", somebody_else="absent"),
            entry(0.6, "/sources", states, camera="waiting"),
            *every(0.1, 1.0, "/eye", frame, start_s=0.7),
            entry(0.95, "/sources", states, camera="disabled"),
            entry(1.2, "/sources", states, camera="live"),
            *every(0.1, 1.5, "/eye", frame, start_s=1.3),
        ],
    )
    player = Player(bundle, SOURCES, backend_maker(1), max_rate_hz=10.0, most_labels=3, labels=None)
    with Bag(tmp_path / "bag") as bag:
        witness = Witness(bag.topics)
        witness.follow(player.sources)
        rounds = list(player.play(bag.messages(bag.topics), witness.listeners))
    player.close()
    after = [str(transition.after) for one in rounds for transition in one.transitions]
    assert after == ["live", "absent", "waiting", "live", "disabled", "waiting", "live"]


def test_truth_and_recognitions_are_heard_in_any_namespace(tmp_path: Path) -> None:
    write_bag(
        tmp_path / "bag",
        [
            entry(0.0, "/robot/ground_truth", classification, "mug"),
            entry(0.5, "/robot/recognition", classification, "hammer"),
            entry(0.6, "/robot/recognition", frame),
        ],
    )
    with Bag(tmp_path / "bag") as bag:
        witness = Witness(bag.topics)
        assert len(witness.listeners) == 2
        for recorded in bag.messages(tuple(witness.listeners)):
            witness.listeners[recorded.topic](recorded)
    assert witness.truth == [(START_NS, "mug")]
    assert witness.said == [(START_NS + 500_000_000, "hammer")]


def test_agreement_compares_what_was_said_of_the_same_moment() -> None:
    witness = Witness(())
    witness.said = [(100, "mug"), (200, "mug"), (300, "hammer"), (900, "mug")]
    replayed = [(95, "mug"), (210, "hammer"), (299, "hammer")]
    assert witness.agreement(replayed, 50) == Agreement(recorded=4, matched=3, same=2)
    assert witness.agreement([], 50) == Agreement(recorded=4, matched=0, same=0)


def test_without_recognitions_in_the_bag_there_is_nothing_to_agree_with() -> None:
    assert Witness(()).agreement([(1, "mug")], 50) is None
