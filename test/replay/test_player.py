from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from recorded_bag import START_NS, Entry, entry, every, frame, text, write_bag

from omnibind_ros.fusion.source_state import NANOSECONDS
from omnibind_ros.inference.bundle import Bundle
from omnibind_ros.pipeline.resources import backend_maker
from omnibind_ros.replay.bag import Bag
from omnibind_ros.replay.configuration import configuration
from omnibind_ros.replay.player import Player, Round

CAMERA = {"camera.modality": "image", "camera.topic": "/eye"}


def played(
    path: Path, bundle: Bundle, entries: Iterable[Entry], max_rate_hz: float = 10.0, **given: Any
) -> list[Round]:
    """The rounds of a bag with one camera on `/eye`."""
    write_bag(path / "bag", entries)
    sources = configuration({"sources": ["camera"], **CAMERA, **given}).sources
    player = Player(bundle, sources, backend_maker(1), max_rate_hz=max_rate_hz, most_labels=3, labels=None)
    with Bag(path / "bag") as bag:
        rounds = list(player.play(bag.messages(bag.topics), {}))
    player.close()
    return rounds


def states(rounds: list[Round]) -> list[tuple[float, str]]:
    return [
        (round((one.time_ns - START_NS) / NANOSECONDS, 3), str(transition.after))
        for one in rounds
        for transition in one.transitions
    ]


def recognised_ns(rounds: list[Round]) -> list[int]:
    return [one.time_ns for one in rounds if one.recognition]


def test_every_message_is_encoded_and_recognised_at_most_at_the_rate(tmp_path: Path, bundle: Bundle) -> None:
    rounds = played(tmp_path, bundle, every(0.02, 1.0, "/eye", frame))
    assert sum(len(one.embedded) for one in rounds) == 50
    times = recognised_ns(rounds)
    assert times[0] == START_NS
    assert len(times) == 11
    assert all(later - earlier >= NANOSECONDS // 10 for earlier, later in pairwise(times))


def test_a_recognition_that_is_due_between_two_messages_comes_in_time(tmp_path: Path, bundle: Bundle) -> None:
    frames = [entry(time_s, "/eye", frame) for time_s in (0.0, 0.03, 0.4)]
    times = recognised_ns(played(tmp_path, bundle, frames))
    assert [(time_ns - START_NS) / NANOSECONDS for time_ns in times] == [0.0, 0.1, 0.4]


def test_the_last_frame_is_recognised_too(tmp_path: Path, bundle: Bundle) -> None:
    rounds = played(tmp_path, bundle, [entry(time_s, "/eye", frame) for time_s in (0.0, 0.03)])
    assert rounds[-1].recognition is not None
    assert rounds[-1].recognition.stamp_ns == START_NS + 30_000_000


def test_a_source_that_falls_silent_is_stale_before_the_next_message(tmp_path: Path, bundle: Bundle) -> None:
    frames = [*every(0.1, 0.5, "/eye", frame), *every(0.1, 5.5, "/eye", frame, start_s=5.0)]
    assert states(played(tmp_path, bundle, frames)) == [(0.0, "live"), (1.0, "stale"), (5.0, "live")]


def test_a_frozen_source_is_found_and_not_recognised(tmp_path: Path, bundle: Bundle) -> None:
    frozen = [(START_NS + number * 100_000_000, "/eye", frame(START_NS)) for number in range(10)]
    rounds = played(tmp_path, bundle, frozen)
    assert [state for _, state in states(rounds)] == ["live", "frozen"]
    assert max(recognised_ns(rounds)) < START_NS + 600_000_000


def test_long_pauses_take_no_time(tmp_path: Path, bundle: Bundle) -> None:
    day_s = 86_400.0
    frames = [entry(0.0, "/eye", frame), entry(day_s, "/eye", frame)]
    rounds = played(tmp_path, bundle, frames)
    assert len(rounds) < 30
    assert [state for _, state in states(rounds)] == ["live", "stale", "live"]


def test_messages_of_a_type_the_source_cannot_read_are_not_given_to_it(tmp_path: Path, bundle: Bundle) -> None:
    entries = [*every(0.1, 0.5, "/eye", frame), *[entry(0.22, "/eye", lambda _: text("not a picture"))]]
    rounds = played(tmp_path, bundle, entries)
    assert not [error for one in rounds for error in one.errors]
    assert sum(len(one.embedded) for one in rounds) == 5


def test_unreadable_frames_are_told_and_the_others_used(tmp_path: Path, bundle: Bundle) -> None:
    entries = [*every(0.1, 0.5, "/eye", frame), *every(0.2, 0.5, "/eye", frame, start_s=0.05, step=1)]
    rounds = played(tmp_path, bundle, entries)
    assert len([error for one in rounds for error in one.errors]) == 2
    assert sum(len(one.embedded) for one in rounds) == 5


def test_disabled_sources_are_left_alone(tmp_path: Path, bundle: Bundle) -> None:
    rounds = played(tmp_path, bundle, every(0.1, 0.5, "/eye", frame), **{"camera.enabled": False})
    assert states(rounds) == [(0.0, "disabled")]
    assert not recognised_ns(rounds)


@pytest.mark.parametrize("max_rate_hz", [1.0, 1000.0])
def test_the_rate_is_that_of_the_bags_time(tmp_path: Path, bundle: Bundle, max_rate_hz: float) -> None:
    rounds = played(tmp_path, bundle, every(0.05, 2.0, "/eye", frame), max_rate_hz=max_rate_hz)
    # The last frame's turn comes after the end of the bag.
    assert len(recognised_ns(rounds)) == {1.0: 3, 1000.0: 40}[max_rate_hz]
