"""The embeddings of many items, computed once and kept in a file: what projectors learn from and what is paired.

A safetensors file holds `embeddings` (N, D) float32 and `ids`, a JSON list as UTF-8 bytes; a Parquet file the columns
`id` and `embedding`; a folder of such Parquet files is one table, too. Shape legend: N items, D embedding size.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import dataset, parquet
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from omnibind_ros.errors import ConfigurationError

_REMEDY = "name a .safetensors or .parquet file that `python -m training cache-embeddings` wrote, or one of that layout"
_LEAST_LENGTH = 1e-12


@dataclass(frozen=True, eq=False)
class EmbeddingTable:
    """Vectors by the ids of their items, as the encoder gave them: not of unit length.

    Raises ConfigurationError for ids that are not unique, not as many as vectors, or vectors that are not finite.
    """

    ids: tuple[str, ...]
    vector_ND: NDArray[np.float32]

    def __post_init__(self) -> None:
        if self.vector_ND.ndim != 2 or len(self.ids) != len(self.vector_ND) or not self.vector_ND.size:
            raise ConfigurationError(
                f"{len(self.ids)} ids with embeddings of shape {self.vector_ND.shape}", remedy=_REMEDY
            )
        if len(self.row_of) != len(self.ids):
            raise ConfigurationError("some ids are there twice", remedy="give every item one embedding")
        if not np.isfinite(self.vector_ND).all():
            row = int(np.flatnonzero(~np.isfinite(self.vector_ND).all(axis=1))[0])
            raise ConfigurationError(f"the embedding of `{self.ids[row]}` is not finite", remedy="leave that item out")

    @cached_property
    def row_of(self) -> Mapping[str, int]:
        """The row of each id."""
        return {name: row for row, name in enumerate(self.ids)}

    def unit(self) -> NDArray[np.float32]:
        """The vectors (N, D) at unit length; published embeddings often have others, which would weigh in mixtures."""
        length_N1 = np.linalg.norm(self.vector_ND, axis=1, keepdims=True)
        return np.asarray(self.vector_ND / np.maximum(length_N1, _LEAST_LENGTH), np.float32)

    @cached_property
    def digest(self) -> str:
        """One hash over ids and vectors."""
        digest = hashlib.sha256(json.dumps(self.ids).encode())
        digest.update(np.ascontiguousarray(self.vector_ND).data)
        return digest.hexdigest()


def save_table(table: EmbeddingTable, file: Path) -> None:
    """Write a table, in the format that the file's ending names. Raises ConfigurationError for another ending."""
    writers: dict[str, Callable[[EmbeddingTable, Path], None]] = {
        ".safetensors": _save_safetensors,
        ".parquet": _save_parquet,
    }
    if file.suffix not in writers:
        raise ConfigurationError(f"`{file.suffix}` is no format of embeddings", remedy=_REMEDY, source=str(file))
    file.parent.mkdir(parents=True, exist_ok=True)
    writers[file.suffix](table, file)


def load_table(file: Path) -> EmbeddingTable:
    """Read a table, of a folder all of it. Raises ConfigurationError that names the file."""
    readers: dict[str, Callable[[Path], EmbeddingTable]] = {
        ".safetensors": _load_safetensors,
        ".parquet": _load_parquet,
    }
    suffix = ".parquet" if file.is_dir() else file.suffix
    if suffix not in readers:
        raise ConfigurationError(f"`{file.suffix}` is no format of embeddings", remedy=_REMEDY, source=str(file))
    try:
        return readers[suffix](file)
    except ConfigurationError as error:
        raise error.at(str(file)) from error.__cause__
    except (OSError, ValueError, KeyError, SafetensorError, pa.ArrowException) as error:
        raise ConfigurationError(f"it cannot be read: {error}", remedy=_REMEDY, source=str(file)) from error


def to_arrow(ids: Sequence[str], vector_ND: NDArray[np.floating[Any]]) -> pa.Table:
    """The columns `id` and `embedding`, of the type of the vectors."""
    vectors = pa.FixedSizeListArray.from_arrays(
        pa.array(np.ascontiguousarray(vector_ND).reshape(-1)), vector_ND.shape[1]
    )
    return pa.table({"id": pa.array(ids, pa.string()), "embedding": vectors})


def from_arrow(table: pa.Table) -> EmbeddingTable:
    """What `to_arrow` made, as float32. Raises ConfigurationError as `EmbeddingTable` does."""
    vectors = table["embedding"].combine_chunks()
    flat = vectors.flatten().to_numpy(zero_copy_only=False).astype(np.float32)  # a copy: Arrow's is not writable
    return EmbeddingTable(tuple(map(str, table["id"].to_pylist())), flat.reshape(len(table), -1))


def _save_safetensors(table: EmbeddingTable, file: Path) -> None:
    names = np.frombuffer(json.dumps(table.ids, ensure_ascii=False).encode(), np.uint8)
    save_file({"embeddings": np.ascontiguousarray(table.vector_ND), "ids": names}, file)


def _load_safetensors(file: Path) -> EmbeddingTable:
    tensors = load_file(file)
    ids: Sequence[object] = json.loads(tensors["ids"].tobytes())
    return EmbeddingTable(tuple(map(str, ids)), tensors["embeddings"].astype(np.float32, copy=False))


def _save_parquet(table: EmbeddingTable, file: Path) -> None:
    parquet.write_table(to_arrow(table.ids, table.vector_ND), file)


def _load_parquet(file: Path) -> EmbeddingTable:
    files = sorted(file.glob("*.parquet")) if file.is_dir() else [file]
    return from_arrow(dataset.dataset(list(map(str, files))).to_table(columns=["id", "embedding"]))
