from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import load, save
from seen import DIMENSION, NEVER_THE_SAME, SPACE, random_directions, sighting, store_of

from omnibind_ros.errors import ConfigurationError, StoreError
from omnibind_ros.modality import Modality
from omnibind_ros.retrieval.store import Entry, Store, StoreSettings
from omnibind_ros.retrieval.store_format import _seal, store_from_bytes, store_to_bytes

NAMES = st.text(max_size=20)


def read(content: bytes, space: int = SPACE, dimension: int = DIMENSION) -> Store:
    return store_from_bytes(content, space, dimension, NEVER_THE_SAME)


def plain(entry: Entry) -> list[object]:
    return [np.asarray(value).tolist() for value in (getattr(entry, one.name) for one in fields(Entry))]


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "stamp_ns": st.integers(-(2**62), 2**62),
                "label": NAMES,
                "frame_id": NAMES,
                "score": st.floats(0, 1, width=32),
                "modalities": st.frozensets(st.sampled_from(list(Modality))),
            }
        ),
        max_size=8,
    )
)
def test_what_is_written_is_read_as_it_was(seen: list[dict[str, object]]) -> None:
    store = Store(SPACE, DIMENSION, StoreSettings(merge_similarity=0.3))
    for vector, changes in zip(random_directions(len(seen)), seen, strict=True):
        store.add(sighting(vector, **changes))  # type: ignore[arg-type]
    again = read(store_to_bytes(store))
    assert [plain(entry) for entry in again.entries] == [plain(entry) for entry in store.entries]


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_a_changed_or_cut_file_is_damaged(data: st.DataObject) -> None:
    content = bytearray(store_to_bytes(store_of(random_directions(3))))
    if data.draw(st.booleans()):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place] ^= data.draw(st.integers(1, 255))
    else:
        del content[data.draw(st.integers(0, len(content) - 1)) :]
    try:
        again = read(bytes(content))
    except StoreError as error:
        assert "the memory is damaged" in error.problem
        return
    # Spaces in the header carry nothing.
    assert [plain(entry) for entry in again.entries] == [
        plain(entry) for entry in store_of(random_directions(3)).entries
    ]


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_damaged(content: bytes) -> None:
    with pytest.raises(StoreError):
        read(content)


def sealed(**changes: np.ndarray) -> bytes:
    """A file that is as it was written, but by somebody who means no good."""
    tensors = {**load(store_to_bytes(store_of(random_directions(3)))), **changes}
    del tensors["sha256"]
    return bytes(save({**tensors, "sha256": _seal(tensors)}))


@pytest.mark.parametrize(
    "changes",
    [
        {"vectors": np.ones((3, DIMENSION), np.float32)},
        {"vectors": np.full((3, DIMENSION), np.nan, np.float32)},
        {"vectors": np.zeros((3, 2), np.float32)},
        {"vectors": random_directions(3).astype(np.float64)},
        {"numbers": np.zeros(2, np.int64)},
        {"counts": np.array([1, 0, 1])},
        {"first_ns": np.array([0, 10**18, 0])},
        {"labels": np.array([0, 1, 3], np.int32)},
        {"frames": np.array([0, -1, 0], np.int32)},
        {"scores": np.zeros(3, np.float64)},
        {"description": np.frombuffer(b"[]", np.uint8)},
        {"description": np.frombuffer(b"[" * 100_000, np.uint8)},
        {"description": np.frombuffer(b'{"format": 1}', np.uint8)},
    ],
)
def test_what_cannot_be_is_damaged(changes: dict[str, np.ndarray]) -> None:
    with pytest.raises(StoreError, match="the memory is damaged"):
        read(sealed(**changes))


def test_another_space_or_dimension_is_no_damage_but_refused() -> None:
    content = store_to_bytes(store_of(random_directions(3)))
    for space, dimension in ((SPACE + 1, DIMENSION), (SPACE, DIMENSION + 1)):
        with pytest.raises(ConfigurationError, match="use the bundle it was made with"):
            read(content, space, dimension)


def test_an_empty_store_has_a_file_too() -> None:
    assert len(read(store_to_bytes(Store(SPACE, DIMENSION, NEVER_THE_SAME)))) == 0
