"""What a recognition was made of, on the wire: a table with a row for each embedding that was fused.

The columns of an embedding, and `weight` (FLOAT32) in the fusion, `sec` (INT32) and `nanosec` (UINT32) of when the
sensor saw it, `source` (UINT8 × length of the longest name) in ASCII, filled up with zeros. Whoever has the bundle can
make the recognition again from nothing else. Stamp and frame are those of the recognition.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from typing_extensions import Self

from omnibind_ros.errors import MessageError
from omnibind_ros.inference.embedding import Embedding
from omnibind_ros.messages.header import NANOSECONDS, frame_of, stamp_ns_of
from omnibind_ros.pipeline.recognition import Recognition
from omnibind_ros.results.embedding import LARGEST_DIMENSION, read_embedding, row_type, write_embedding
from omnibind_ros.results.table import Rows, length_of, message_from_rows, rows_from_message

_LONGEST_NAME = 256


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """The embeddings of one recognition, in the order in which they were fused, and the weight of each."""

    stamp_ns: int
    frame_id: str
    members: tuple[Embedding, ...]
    weights: tuple[float, ...]

    @classmethod
    def of(cls, recognition: Recognition) -> Self:
        """What a recognition was made of."""
        made_of = recognition.contributions.values()
        return cls(
            recognition.stamp_ns,
            recognition.frame_id,
            tuple(one.embedding for one in made_of),
            tuple(one.weight for one in made_of),
        )


def message_from_evidence(evidence: Evidence) -> Any:
    """A `sensor_msgs/PointCloud2` for the evidence of a recognition."""
    return message_from_rows(rows_from_evidence(evidence), stamp_ns=evidence.stamp_ns, frame_id=evidence.frame_id)


def rows_from_evidence(evidence: Evidence) -> Rows:
    """The rows (N,) of the table for N fused embeddings."""
    members = evidence.members
    rows = np.zeros(len(members), _row_type(len(members[0].vector), max(len(one.source) for one in members)))
    for number, member in enumerate(members):
        write_embedding(rows, number, member)
        name = np.frombuffer(member.source.encode("ascii"), np.uint8)
        rows["source"][number, : len(name)] = name
        rows["sec"][number], rows["nanosec"][number] = divmod(member.stamp_ns, NANOSECONDS)
    rows["weight"] = evidence.weights
    return rows


def evidence_from_message(message: Any) -> Evidence:
    """The evidence in a `sensor_msgs/PointCloud2` that `message_from_evidence` made. Raises MessageError."""
    dimension, longest = length_of(message, "embedding"), length_of(message, "source")
    possible = 0 < dimension <= LARGEST_DIMENSION and 0 < longest <= _LONGEST_NAME
    rows = rows_from_message(message, _row_type(dimension, longest)) if possible else None
    if rows is None:
        raise _no_evidence("the table has other columns")
    members = tuple(_member(rows, number) for number in range(len(rows)))
    if not members or len({member.source for member in members}) < len(members):
        raise _no_evidence("no source, or one twice")
    if any(member.modality is None for member in members):
        raise _no_evidence("a fused embedding is not fused again")
    return Evidence(
        stamp_ns=stamp_ns_of(message) or 0,
        frame_id=frame_of(message),
        members=members,
        weights=tuple(float(weight) for weight in rows["weight"]),
    )


def _no_evidence(why: str) -> MessageError:
    return MessageError(
        f"the table is not the evidence of a recognition: {why}",
        remedy="record `evidence` from a node of the same version of omnibind_ros",
    )


def _row_type(dimension: int, longest_name: int) -> np.dtype[np.void]:
    return np.dtype(
        [
            *row_type(dimension).descr,
            ("weight", "<f4"),
            ("sec", "<i4"),
            ("nanosec", "<u4"),
            ("source", "u1", (longest_name,)),
        ]
    )


def _member(rows: Rows, number: int) -> Embedding:
    source = rows["source"][number].tobytes().rstrip(b"\0").decode("ascii", "replace")
    stamp_ns = int(rows["sec"][number]) * NANOSECONDS + int(rows["nanosec"][number])
    return read_embedding(rows, number, source=source, stamp_ns=stamp_ns, frame_id="")
