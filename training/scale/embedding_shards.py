"""Embeddings in shards: a folder of Parquet files, one for each shard of recordings and of its name.

Each has the columns `id` and `embedding` (float16 or float32), and in its metadata the mark of what it was made of and
the recordings that could not be used. Shape legend: N items, D embedding size.
"""

import hashlib
import json
import os
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import compute, dataset, parquet

from omnibind_ros.errors import ConfigurationError
from training.projection.embedding_table import EmbeddingTable, from_arrow, to_arrow

ENDING = ".parquet"
_METADATA = b"omnibind"
_ROWS_OF_A_GROUP = 65536  # what a reader has to hold at least
_REMEDY = "name a folder that `python -m training cache-embeddings` wrote from shards, and let it finish"


@dataclass(frozen=True)
class Footer:
    """What is known of a shard without reading it. left_out: id and problem of each recording that gave nothing."""

    mark: str
    left_out: tuple[tuple[str, str], ...]
    rows: int
    size: int


def write_shard(
    file: Path,
    ids: Sequence[str],
    vector_ND: NDArray[np.floating[Any]],
    *,
    mark: str,
    left_out: Sequence[tuple[str, str]] = (),
) -> None:
    """Write a shard at once or not at all, whoever else writes it or ends this process."""
    told = json.dumps({"mark": mark, "left_out": left_out})
    table = to_arrow(ids, vector_ND).replace_schema_metadata({_METADATA: told})
    unfinished = file.with_name(f".{file.name}.{socket.gethostname()}-{os.getpid()}")
    with unfinished.open("wb") as stream:
        # embeddings are as good as noise: compressing them costs time and gains a hundredth
        parquet.write_table(table, stream, compression="none", use_dictionary=False, row_group_size=_ROWS_OF_A_GROUP)
        stream.flush()
        os.fsync(stream.fileno())
    unfinished.replace(file)


def read_footer(file: Path) -> Footer:
    """What is known of a shard. Raises ConfigurationError for another file."""
    try:
        metadata, schema = parquet.read_metadata(file), parquet.read_schema(file)
        told = json.loads((metadata.metadata or {}).get(_METADATA, b'{"mark": "", "left_out": []}'))
        size = schema.field("embedding").type.list_size
        left_out = tuple((str(name), str(problem)) for name, problem in told["left_out"])
        return Footer(told["mark"], left_out, metadata.num_rows, size)
    except (OSError, ValueError, KeyError, AttributeError, pa.ArrowException) as error:
        raise ConfigurationError(f"it is no shard of embeddings: {error}", remedy=_REMEDY, source=str(file)) from error


def is_current(file: Path, mark: str) -> bool:
    """Whether the shard is there, whole, and made of what the mark tells."""
    try:
        return file.exists() and read_footer(file).mark == mark
    except ConfigurationError:
        return False


@dataclass(frozen=True)
class EmbeddingShards:
    """A folder of shards, none of which is read until it is asked for."""

    folder: Path

    @cached_property
    def footers(self) -> Mapping[str, Footer]:
        """What is known of every shard, by its name. Raises ConfigurationError for none, or mixed ones."""
        files = sorted(path for path in self.folder.glob(f"*{ENDING}") if path.name[0] not in "._")
        found = {file.stem: read_footer(file) for file in files}
        filled = {footer.size for footer in found.values() if footer.rows}
        if len(filled) != 1:
            raise ConfigurationError(
                f"the shards hold embeddings of {len(filled)} sizes", remedy=_REMEDY, source=str(self.folder)
            )
        return found

    @property
    def size(self) -> int:
        """Embedding size D."""
        return next(footer.size for footer in self.footers.values() if footer.rows)

    @property
    def digest(self) -> str:
        """One hash over the names, sizes and marks of the shards; their embeddings are not read."""
        told = [[name, footer.rows, footer.size, footer.mark] for name, footer in self.footers.items()]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()

    def ids(self, name: str) -> pa.ChunkedArray:
        """The ids of a shard; of the file only their column is read."""
        return parquet.read_table(self.folder / f"{name}{ENDING}", columns=["id"])["id"]

    def load(self, name: str) -> EmbeddingTable:
        """A whole shard. Raises ConfigurationError that names it."""
        file = self.folder / f"{name}{ENDING}"
        try:
            return from_arrow(parquet.read_table(file, columns=["id", "embedding"]))
        except ConfigurationError as error:
            raise error.at(str(file)) from error.__cause__

    def pick(self, ids: Sequence[str]) -> EmbeddingTable:
        """Some of the items, from whichever shards; no more than a part of a shard is held at a time besides."""
        files = [str(self.folder / f"{name}{ENDING}") for name in self.footers]
        wanted = compute.field("id").isin(pa.array(ids, pa.string()))
        return from_arrow(dataset.dataset(files).to_table(columns=["id", "embedding"], filter=wanted))
