import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from seen import DIMENSION, NEVER_THE_SAME, SPACE, axis, direction, random_directions, sighting, store_of

from omnibind_ros.errors import StoreError
from omnibind_ros.modality import Modality
from omnibind_ros.recognition.recogniser import UNKNOWN
from omnibind_ros.retrieval.store import COMPARED, Store, StoreSettings


def test_an_hour_of_standing_still_is_one_entry() -> None:
    store = Store(SPACE, DIMENSION, StoreSettings())
    noise = np.random.default_rng(0)
    for second in range(3600):
        store.add(sighting(direction(*(axis(0) + 0.1 * noise.normal(size=DIMENSION))), second))
    (entry,) = store.entries
    assert (entry.first_ns, entry.last_ns, entry.count) == (0, 3599 * 10**9, 3600)
    assert entry.vector @ axis(0) > 0.999
    assert np.linalg.norm(entry.vector) == pytest.approx(1.0, abs=1e-5)


def test_what_comes_back_later_or_looks_different_is_an_entry_of_its_own() -> None:
    store = Store(SPACE, DIMENSION, StoreSettings(merge_within_s=60.0))
    for at_s, number in ((0, 0), (1, 1), (2, 0), (61, 0), (122, 0)):
        store.add(sighting(axis(number), at_s))
    assert [(entry.first_ns // 10**9, entry.last_ns // 10**9) for entry in store.entries] == [
        (1, 1),
        (0, 61),
        (122, 122),
    ]


def test_small_steps_do_not_carry_an_entry_away() -> None:
    store = Store(SPACE, DIMENSION, StoreSettings())
    for step in range(200):
        angle = np.pi * step / 199
        store.add(sighting(direction(np.cos(angle), np.sin(angle)), step * 0.1))
    assert 2 <= len(store) <= 10


def test_the_surest_name_counts_and_unknown_only_where_there_is_no_other() -> None:
    store = Store(SPACE, DIMENSION, StoreSettings())
    for label, score in ((UNKNOWN, 0.9), ("cup", 0.3), ("mug", 0.6), (UNKNOWN, 0.95), ("cup", 0.5)):
        entry = store.add(sighting(axis(0), label=label, score=score))
    assert (entry.label, entry.score, entry.count) == ("mug", 0.6, 5)


def test_frame_and_modalities_follow_the_sensors() -> None:
    store = Store(SPACE, DIMENSION, StoreSettings())
    store.add(sighting(axis(0), 1.0, frame_id="camera"))
    store.add(sighting(axis(0), 2.0, frame_id="lidar", modalities=frozenset({Modality.POINT})))
    entry = store.add(sighting(axis(0), 1.5, frame_id="late"))
    assert entry.frame_id == "lidar"
    assert entry.modalities == {Modality.IMAGE, Modality.POINT}
    assert (entry.first_ns, entry.last_ns) == (10**9, 2 * 10**9)


def test_looking_to_and_fro_between_many_things_makes_an_entry_of_each() -> None:
    things = random_directions(COMPARED // 2, dimension=DIMENSION)
    store = Store(SPACE, DIMENSION, StoreSettings(merge_similarity=0.9999))
    for number in range(10 * len(things)):
        store.add(sighting(things[number % len(things)], number * 0.1))
    assert len(store) == len(things)


def test_numbers_are_never_given_twice_and_versions_tell_of_every_change() -> None:
    store = store_of([axis(0), axis(1)], StoreSettings(most=2, merge_similarity=1.1))
    numbers, versions = set(), set()
    for _ in range(5):
        numbers.add(store.add(sighting(axis(0))).number)
        versions.add(store.version)
    assert len(numbers) == len(versions) == 5
    store.clear()
    assert len(store) == 0
    assert store.version not in versions
    assert store.add(sighting(axis(0))).number not in numbers


def test_an_entry_that_changed_is_no_longer_held() -> None:
    store = Store(SPACE, DIMENSION, StoreSettings())
    first = store.add(sighting(axis(0)))
    assert store.holds(first)
    again = store.add(sighting(axis(0), 1.0))
    assert again.number == first.number
    assert store.holds(again)
    assert not store.holds(first)


@pytest.mark.parametrize("changes", [{"space": SPACE + 1}, {"vector": np.ones(3, np.float32)}])
def test_what_is_of_another_space_is_refused(changes: dict[str, object]) -> None:
    store = Store(SPACE, DIMENSION, StoreSettings())
    vector = changes.pop("vector", axis(0))
    with pytest.raises(StoreError, match="the bundle of the node that recognises"):
        store.add(sighting(vector, **changes))  # type: ignore[arg-type]
    assert len(store) == 0


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, DIMENSION - 1), st.floats(-1e6, 1e6)), max_size=60),
    st.integers(1, 10),
    st.sampled_from([0.0, 1.0, 1e5]),
)
def test_it_is_bounded_and_loses_no_sighting_it_keeps(
    seen: list[tuple[int, float]], most: int, within_s: float
) -> None:
    store = Store(SPACE, DIMENSION, StoreSettings(most=most, merge_within_s=within_s))
    for number, at_s in seen:
        entry = store.add(sighting(axis(number), at_s))
        assert store.entries[-1] is entry
        assert len(store) <= most
    for entry in store.entries:
        assert entry.first_ns <= entry.last_ns
        assert 1 <= entry.count <= len(seen)
        assert max(entry.vector) == pytest.approx(1.0, abs=1e-5)
    if len(store) < most:
        assert sum(entry.count for entry in store.entries) == len(seen)


def test_only_the_last_ones_of_what_was_kept_fit() -> None:
    kept = store_of(random_directions(10)).entries
    store = Store(SPACE, DIMENSION, StoreSettings(most=4), kept)
    assert store.entries == kept[-4:]
    assert Store(SPACE, DIMENSION, NEVER_THE_SAME, kept).add(sighting(axis(0))).number == 11
