"""A store as the bytes of a safetensors file: numbers and JSON, nothing that is executed.

Its tensors, N entries in the order in which they were touched: `vectors` (N, D) float32, `numbers`, `first_ns`,
`last_ns`, `counts` int64, `scores` float32, `modalities` uint8 (a bit for each wire code), `labels` and `frames` int32,
which are rows of the lists of that name in `description`, JSON as UTF-8 bytes, with `format`, `space` and `dimension`;
`sha256` of all the others.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from omnibind_ros.errors import ConfigurationError, StoreError
from omnibind_ros.modality import Modality
from omnibind_ros.retrieval.sighting import short
from omnibind_ros.retrieval.store import Entry, Store, StoreSettings

FORMAT = 1
_SEAL = "sha256"
_COLUMNS = {
    "numbers": np.int64,
    "first_ns": np.int64,
    "last_ns": np.int64,
    "counts": np.int64,
    "scores": np.float32,
    "modalities": np.uint8,
    "labels": np.int32,
    "frames": np.int32,
}
_Tensors = Mapping[str, NDArray[Any]]


def store_to_bytes(store: Store) -> bytes:
    """The content of a file for a store."""
    entries = store.entries
    labels, frames = _row_of(entry.label for entry in entries), _row_of(entry.frame_id for entry in entries)
    description = {
        "format": FORMAT,
        "space": store.space,
        "dimension": store.dimension,
        "labels": [*labels],
        "frames": [*frames],
    }
    rows = [
        (
            entry.number,
            entry.first_ns,
            entry.last_ns,
            entry.count,
            entry.score,
            sum(1 << modality.code for modality in entry.modalities),
            labels[entry.label],
            frames[entry.frame_id],
        )
        for entry in entries
    ]
    tensors: dict[str, NDArray[Any]] = {
        name: np.array([row[column] for row in rows], kind) for column, (name, kind) in enumerate(_COLUMNS.items())
    }
    tensors["vectors"] = np.array([entry.vector for entry in entries], np.float32).reshape(-1, store.dimension)
    tensors["description"] = np.frombuffer(json.dumps(description).encode(), np.uint8)
    return bytes(save({**tensors, _SEAL: _seal(tensors)}))


def store_from_bytes(content: bytes, space: int, dimension: int, settings: StoreSettings) -> Store:
    """The store in a file's content.

    Raises StoreError for what is damaged, ConfigurationError for a store of another embedding space or format.
    """
    try:
        tensors = load(content)
        description = _description(tensors)
        if (description["format"], description["space"], description["dimension"]) != (FORMAT, space, dimension):
            raise ConfigurationError(
                f"the memory is of format {description['format']} and the embedding space {description['space']:08x}, "
                f"not of format {FORMAT} and {space:08x}",
                remedy="use the bundle it was made with, or name another file",
            )
        _check_rows(tensors, description, dimension)
        return Store(space, dimension, settings, _entries(tensors, description))
    except (SafetensorError, ValueError, KeyError, TypeError, RecursionError) as error:  # any bytes may be there
        raise _damaged(f"{type(error).__name__}: {error}") from error


def _row_of(names: Iterable[str]) -> dict[str, int]:
    return {name: row for row, name in enumerate(dict.fromkeys(names))}


def _description(tensors: _Tensors) -> dict[str, Any]:
    """The description of tensors that are as they were written. Raises StoreError, or what NumPy and JSON do."""
    if not np.array_equal(tensors[_SEAL], _seal({name: one for name, one in tensors.items() if name != _SEAL})):
        raise _damaged("its content is not what was written")
    return dict(json.loads(tensors["description"].tobytes()))


def _check_rows(tensors: _Tensors, description: Mapping[str, Any], dimension: int) -> None:
    vectors_ND = tensors["vectors"]
    count = len(vectors_ND)
    if vectors_ND.shape != (count, dimension) or vectors_ND.dtype != np.float32:
        raise _damaged("its vectors have another shape")
    if not np.allclose(np.linalg.norm(vectors_ND, axis=1), 1.0, atol=1e-3):
        raise _damaged("its vectors are not of unit length")
    if any(tensors[name].shape != (count,) or tensors[name].dtype != kind for name, kind in _COLUMNS.items()):
        raise _damaged("its columns do not fit together")
    for column in ("labels", "frames"):
        if not ((tensors[column] >= 0) & (tensors[column] < len(description[column]))).all():
            raise _damaged("it names what it does not list")
    if (tensors["counts"] < 1).any() or (tensors["first_ns"] > tensors["last_ns"]).any():
        raise _damaged("it was never seen, or last before it was first")


def _entries(tensors: _Tensors, description: Mapping[str, Any]) -> Iterator[Entry]:
    columns = zip(*(tensors[name].tolist() for name in _COLUMNS), strict=True)
    for vector_D, column in zip(tensors["vectors"], columns, strict=True):
        number, first_ns, last_ns, count, score, bits, label, frame = column
        yield Entry(
            number,
            vector_D,
            first_ns,
            last_ns,
            count,
            short(str(description["frames"][frame])),
            short(str(description["labels"][label])),
            score,
            frozenset(modality for modality in Modality if bits >> modality.code & 1),
        )


def _seal(tensors: _Tensors) -> NDArray[np.uint8]:
    """One hash over all tensors: 32 bytes."""
    digest = hashlib.sha256()
    for name in sorted(tensors):
        tensor = np.ascontiguousarray(tensors[name])
        digest.update(f"{name} {tensor.dtype} {tensor.shape} ".encode())
        digest.update(tensor.tobytes())
    return np.frombuffer(digest.digest(), np.uint8)


def _damaged(problem: str) -> StoreError:
    return StoreError(f"the memory is damaged: {problem}", remedy="take it from a copy, or let it begin anew")
