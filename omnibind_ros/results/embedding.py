"""An embedding on the wire: `sensor_msgs/PointCloud2` used as what it is, a stamped typed table.

One row; columns `embedding` (FLOAT32 × D), `quality` (FLOAT32), `modality` (UINT8), `space` (UINT32). Little-endian,
packed; the modality of a fused embedding is 255. A standard type: it can be recorded, and read with `sensor_msgs_py`.
"""

import array
from typing import Any

import numpy as np

from omnibind_ros.errors import MessageError
from omnibind_ros.inference.embedding import Embedding
from omnibind_ros.messages.header import set_header, stamp_ns_of
from omnibind_ros.modality import Modality

_UINT8, _UINT32, _FLOAT32 = 2, 6, 7  # sensor_msgs/PointField datatypes
_LARGEST_DIMENSION = 8192
_FUSED = 255


def _row_type(dimension: int) -> np.dtype[np.void]:
    return np.dtype([("embedding", "<f4", (dimension,)), ("quality", "<f4"), ("modality", "u1"), ("space", "<u4")])


def message_from_embedding(embedding: Embedding) -> Any:
    """A `sensor_msgs/PointCloud2` for an embedding."""
    from sensor_msgs.msg import PointCloud2, PointField  # noqa: PLC0415 (pure code must import without ROS)

    dimension = len(embedding.vector)
    row = np.zeros(1, _row_type(dimension))
    row["embedding"][0] = embedding.vector
    row["quality"] = embedding.quality
    row["modality"] = _FUSED if embedding.modality is None else embedding.modality.code
    row["space"] = embedding.space
    columns = (
        ("embedding", 0, _FLOAT32, dimension),
        ("quality", 4 * dimension, _FLOAT32, 1),
        ("modality", 4 * dimension + 4, _UINT8, 1),
        ("space", 4 * dimension + 5, _UINT32, 1),
    )
    message = PointCloud2(
        height=1,
        width=1,
        fields=[PointField(name=n, offset=o, datatype=t, count=c) for n, o, t, c in columns],
        is_bigendian=False,
        point_step=row.itemsize,
        row_step=row.itemsize,
        is_dense=True,
    )
    message.data = array.array("B", row.tobytes())
    set_header(message, embedding.stamp_ns, embedding.frame_id)
    return message


def embedding_from_message(message: Any, *, source: str) -> Embedding:
    """The embedding in a `sensor_msgs/PointCloud2` that `message_from_embedding` (here or on another robot) made.

    Raises MessageError for any other table.
    """
    columns = {field.name: field for field in message.fields}
    dimension = columns["embedding"].count if "embedding" in columns else 0
    expected = _row_type(dimension) if 0 < dimension <= _LARGEST_DIMENSION else None
    if (
        expected is None
        or message.is_bigendian
        or (message.width, message.height) != (1, 1)
        or len(message.data) != expected.itemsize
        or {name: field.offset for name, field in columns.items()} != _offsets(expected)
        or [columns[name].datatype for name in expected.names or ()] != [_FLOAT32, _FLOAT32, _UINT8, _UINT32]
    ):
        raise MessageError(
            "the table is not an embedding (one row: embedding, quality, modality, space)",
            remedy="publish `embedding/<source>` from an omnibind_ros encoder of the same version",
            source=source,
        )
    row = np.frombuffer(message.data, expected)[0]
    vector = row["embedding"].astype(np.float32)
    with np.errstate(over="ignore", invalid="ignore"):  # any bytes may be there
        length = float(np.linalg.norm(vector))
    if not (abs(length - 1.0) <= 1e-3 and 0 <= row["quality"] <= 1):
        raise MessageError("the embedding is not a unit vector", remedy="check the encoder that sent it", source=source)
    code = int(row["modality"])
    try:
        modality = None if code == _FUSED else Modality.from_code(code)
    except ValueError as error:
        raise MessageError(
            str(error), remedy="run the encoder and the fusion from one version of omnibind_ros", source=source
        ) from error
    return Embedding(
        source=source,
        modality=modality,
        vector=vector,
        quality=float(row["quality"]),
        stamp_ns=stamp_ns_of(message) or 0,
        frame_id=message.header.frame_id,
        space=int(row["space"]),
    )


def _offsets(row_type: np.dtype[np.void]) -> dict[str, int]:
    return {name: entry[1] for name, entry in (row_type.fields or {}).items()}
