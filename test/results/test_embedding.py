import array
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omnibind_ros.errors import MessageError
from omnibind_ros.inference.embedding import Embedding
from omnibind_ros.modality import Modality
from omnibind_ros.results.embedding import embedding_from_message, message_from_embedding

messages = pytest.importorskip("sensor_msgs.msg", reason="needs sensor_msgs: run `make setup`")
NOW = 1_700_000_000_123_456_789


def make_embedding(dimension: int = 8, **changes: Any) -> Embedding:
    vector = np.random.default_rng(dimension).normal(size=dimension).astype(np.float32)
    fields = {
        "source": "camera",
        "modality": Modality.IMAGE,
        "vector": vector / np.linalg.norm(vector),
        "quality": 0.75,
        "stamp_ns": NOW,
        "frame_id": "camera_link",
        "space": 0xDEADBEEF,
    }
    return Embedding(**{**fields, **changes})


@settings(max_examples=60, deadline=None)
@given(
    dimension=st.integers(1, 600),
    modality=st.none() | st.sampled_from(Modality),
    quality=st.floats(0, 1, width=32),
    stamp_ns=st.integers(0, 2**31 * 10**9 - 1),
    space=st.integers(0, 2**32 - 1),
)
def test_an_embedding_survives_the_wire(
    dimension: int, modality: Modality | None, quality: float, stamp_ns: int, space: int
) -> None:
    sent = make_embedding(dimension, modality=modality, quality=quality, stamp_ns=stamp_ns, space=space)
    received = embedding_from_message(message_from_embedding(sent), source="camera")
    np.testing.assert_array_equal(received.vector, sent.vector)
    assert received.vector.dtype == np.float32
    for field in ("source", "modality", "quality", "stamp_ns", "frame_id", "space"):
        assert getattr(received, field) == getattr(sent, field)


def test_it_is_an_ordinary_table_of_one_row() -> None:
    message = message_from_embedding(make_embedding(8))
    assert isinstance(message, messages.PointCloud2)
    assert [(f.name, f.offset, f.datatype, f.count) for f in message.fields] == [
        ("embedding", 0, messages.PointField.FLOAT32, 8),
        ("quality", 32, messages.PointField.FLOAT32, 1),
        ("modality", 36, messages.PointField.UINT8, 1),
        ("space", 37, messages.PointField.UINT32, 1),
    ]
    assert (message.width, message.height, message.point_step, message.row_step) == (1, 1, 41, 41)
    assert len(message.data) == 41


def drop_column(message: Any) -> None:
    message.fields = message.fields[:-1]


def move_column(message: Any) -> None:
    message.fields[1].offset = 0


def change_type(message: Any) -> None:
    message.fields[0].datatype = messages.PointField.FLOAT64


def change_count(message: Any) -> None:
    message.fields[0].count = 9


def no_vector(message: Any) -> None:
    message.fields[0].count = 0


def huge_vector(message: Any) -> None:
    message.fields[0].count = 2**31


def two_rows(message: Any) -> None:
    message.width = 2


def cut_short(message: Any) -> None:
    message.data = message.data[:-1]


def empty(message: Any) -> None:
    message.data = array.array("B")


def turn_bytes(message: Any) -> None:
    message.is_bigendian = True


@pytest.mark.parametrize(
    "damage",
    [
        drop_column,
        move_column,
        change_type,
        change_count,
        no_vector,
        huge_vector,
        two_rows,
        cut_short,
        empty,
        turn_bytes,
    ],
)
def test_any_other_table_is_refused_with_the_source_named(damage: Any) -> None:
    message = message_from_embedding(make_embedding())
    damage(message)
    with pytest.raises(MessageError, match=r"^camera: the table is not an embedding"):
        embedding_from_message(message, source="camera")


def test_a_cloud_of_points_is_no_embedding() -> None:
    with pytest.raises(MessageError, match="not an embedding"):
        embedding_from_message(messages.PointCloud2(), source="lidar")


@pytest.mark.parametrize(
    "changes",
    [
        {"vector": np.full(8, np.nan, np.float32)},
        {"vector": np.full(8, 3, np.float32)},
        {"vector": np.zeros(8, np.float32)},
        {"quality": float("nan")},
        {"quality": 1.5},
        {"quality": -0.1},
    ],
)
def test_numbers_that_are_no_embedding_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(MessageError, match="check the encoder"):
        embedding_from_message(message_from_embedding(make_embedding(**changes)), source="camera")


def test_a_modality_from_the_future_is_refused() -> None:
    message = message_from_embedding(make_embedding())
    message.data[36] = 99
    with pytest.raises(MessageError, match=r"camera: no modality has the number 99"):
        embedding_from_message(message, source="camera")


@settings(max_examples=100, deadline=None)
@given(data=st.binary(min_size=41, max_size=41))
def test_any_bytes_give_an_embedding_or_a_message_error(data: bytes) -> None:
    message = message_from_embedding(make_embedding(8))
    message.data = array.array("B", data)
    try:
        received = embedding_from_message(message, source="camera")
    except MessageError:
        return
    assert np.linalg.norm(received.vector) == pytest.approx(1.0, abs=1e-3)
    assert 0 <= received.quality <= 1


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_any_layout_gives_an_embedding_or_a_message_error(data: st.DataObject) -> None:
    message = message_from_embedding(make_embedding(8))
    numbers = st.one_of(st.integers(0, 8), st.integers(0, 2**32 - 1))
    fields = st.builds(
        messages.PointField,
        name=st.sampled_from(["embedding", "quality", "modality", "space", "x"]),
        offset=numbers,
        datatype=st.integers(0, 255),
        count=numbers,
    )
    message.fields = data.draw(st.lists(st.sampled_from(list(message.fields)) | fields, max_size=6))
    message.width, message.height = data.draw(st.just(1) | numbers), data.draw(st.just(1) | numbers)
    message.data = array.array("B", data.draw(st.just(bytes(message.data)) | st.binary(max_size=80)))
    try:
        received = embedding_from_message(message, source="camera")
    except MessageError:
        return
    assert np.linalg.norm(received.vector) == pytest.approx(1.0, abs=1e-3)
