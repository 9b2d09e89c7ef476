"""An embedding on the wire: a table of one row.

Columns `embedding` (FLOAT32 × D), `quality` (FLOAT32), `modality` (UINT8), `space` (UINT32). The modality of a fused
embedding is 255.
"""

from typing import Any

import numpy as np

from omnibind_ros.errors import MessageError
from omnibind_ros.inference.embedding import Embedding
from omnibind_ros.messages.header import stamp_ns_of
from omnibind_ros.modality import Modality
from omnibind_ros.results.table import Rows, length_of, message_from_rows, rows_from_message

LARGEST_DIMENSION = 8192
_FUSED = 255


def row_type(dimension: int) -> np.dtype[np.void]:
    """The columns of an embedding of this length."""
    return np.dtype([("embedding", "<f4", (dimension,)), ("quality", "<f4"), ("modality", "u1"), ("space", "<u4")])


def write_embedding(rows: Rows, number: int, embedding: Embedding) -> None:
    """Fill the columns of an embedding in one of the rows."""
    rows["embedding"][number] = embedding.vector
    rows["quality"][number] = embedding.quality
    rows["modality"][number] = _FUSED if embedding.modality is None else embedding.modality.code
    rows["space"][number] = embedding.space


def read_embedding(rows: Rows, number: int, *, source: str, stamp_ns: int, frame_id: str) -> Embedding:
    """The embedding in one of the rows. Raises MessageError when it cannot be one."""
    row = rows[number]
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
    return Embedding(source, modality, vector, float(row["quality"]), stamp_ns, frame_id, int(row["space"]))


def message_from_embedding(embedding: Embedding) -> Any:
    """A `sensor_msgs/PointCloud2` for an embedding."""
    rows = np.zeros(1, row_type(len(embedding.vector)))
    write_embedding(rows, 0, embedding)
    return message_from_rows(rows, stamp_ns=embedding.stamp_ns, frame_id=embedding.frame_id)


def embedding_from_message(message: Any, *, source: str) -> Embedding:
    """The embedding in a `sensor_msgs/PointCloud2` that `message_from_embedding` (here or on another robot) made.

    Raises MessageError for any other table.
    """
    dimension = length_of(message, "embedding")
    rows = rows_from_message(message, row_type(dimension)) if 0 < dimension <= LARGEST_DIMENSION else None
    if rows is None or len(rows) != 1:
        raise MessageError(
            "the table is not an embedding (one row: embedding, quality, modality, space)",
            remedy="publish `embedding/<source>` from an omnibind_ros encoder of the same version",
            source=source,
        )
    return read_embedding(
        rows, 0, source=source, stamp_ns=stamp_ns_of(message) or 0, frame_id=str(message.header.frame_id)
    )
