import pytest
from tiny_bundle import unit_vectors

from omnibind_ros.errors import FusionError
from omnibind_ros.fusion.live_set import SMALLEST_QUALITY, LiveSet
from omnibind_ros.inference.embedding import Embedding
from omnibind_ros.modality import Modality

SECOND = 1_000_000_000
NOW = 1_700_000_000 * SECOND
SPACE = 7


def embedding(source: str, *, quality: float = 1.0, space: int = SPACE, stamp_ns: int = NOW) -> Embedding:
    return Embedding(source, Modality.IMAGE, unit_vectors(1)[0], quality, stamp_ns, "frame", space)


@pytest.fixture
def live_set() -> LiveSet:
    return LiveSet(SPACE)


def names(live_set: LiveSet, now_ns: int = NOW) -> list[str]:
    return [member.source for member in live_set.members(now_ns)]


def test_it_starts_empty(live_set: LiveSet) -> None:
    assert names(live_set) == []


def test_members_come_in_the_order_of_their_names(live_set: LiveSet) -> None:
    for source in ("thermal", "camera", "microphone"):
        live_set.add(embedding(source), ttl_s=1, now_ns=NOW)
    assert names(live_set) == ["camera", "microphone", "thermal"]


def test_only_the_newest_of_a_source_counts(live_set: LiveSet) -> None:
    live_set.add(embedding("camera", stamp_ns=1), ttl_s=1, now_ns=NOW)
    live_set.add(embedding("camera", stamp_ns=2), ttl_s=1, now_ns=NOW + 1)
    assert [member.stamp_ns for member in live_set.members(NOW + 1)] == [2]


def test_each_counts_for_its_own_ttl(live_set: LiveSet) -> None:
    live_set.add(embedding("camera"), ttl_s=0.5, now_ns=NOW)
    live_set.add(embedding("microphone"), ttl_s=1.5, now_ns=NOW)
    assert names(live_set, NOW + SECOND // 2) == ["camera", "microphone"]
    assert names(live_set, NOW + SECOND // 2 + 1) == ["microphone"]
    assert names(live_set, NOW + 2 * SECOND) == []


def test_what_was_forgotten_does_not_come_back(live_set: LiveSet) -> None:
    live_set.add(embedding("camera"), ttl_s=0.5, now_ns=NOW)
    assert names(live_set, NOW + SECOND) == []
    assert names(live_set, NOW) == []


def test_a_clock_that_jumps_back_leaves_nothing_behind(live_set: LiveSet) -> None:
    live_set.add(embedding("camera"), ttl_s=0.5, now_ns=NOW)
    assert names(live_set, NOW - 60 * SECOND) == []


def test_a_stamp_far_from_the_clock_does_not_shorten_its_life(live_set: LiveSet) -> None:
    live_set.add(embedding("camera", stamp_ns=0), ttl_s=0.5, now_ns=NOW)
    assert names(live_set) == ["camera"]


def test_what_carries_nothing_does_not_count(live_set: LiveSet) -> None:
    live_set.add(embedding("dark", quality=SMALLEST_QUALITY / 2), ttl_s=1, now_ns=NOW)
    live_set.add(embedding("dim", quality=SMALLEST_QUALITY), ttl_s=1, now_ns=NOW)
    assert names(live_set) == ["dim"]


def test_an_embedding_of_another_space_is_refused_by_name(live_set: LiveSet) -> None:
    with pytest.raises(FusionError, match=r"camera: .*space 00000008.*00000007.*same bundle"):
        live_set.add(embedding("camera", space=8), ttl_s=1, now_ns=NOW)
    assert names(live_set) == []


def test_a_source_can_be_taken_out_at_once(live_set: LiveSet) -> None:
    live_set.add(embedding("camera"), ttl_s=1, now_ns=NOW)
    live_set.add(embedding("thermal"), ttl_s=1, now_ns=NOW)
    live_set.remove("camera")
    live_set.remove("never there")
    assert names(live_set) == ["thermal"]
    live_set.clear()
    assert names(live_set) == []
