"""Shards of recordings, read from beginning to end: WebDataset's tar files, and Parquet files.

In a tar file the members of one sample follow each other and share a name up to its first dot: `17.image.jpg`,
`17.audio.wav`; where a sample has one file that a modality can be read from, `17.jpg` is enough. A Parquet file has a
column `id` and one a modality: the file's bytes, a sentence, or a pair of `bytes` and `path` as Hugging Face writes it.
`reference`, as a member or a column, is the picture of the untouched tactile sensor.
"""

import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import parquet
from webdataset.tariterators import base_plus_ext, group_by_keys, tar_file_expander

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.modality import Modality
from training.data.recordings import FILE_TYPES

TAR, PARQUET = ".tar", ".parquet"
_LAYOUT = "see docs/scale.md for the layout of shards"
_REFERENCE = "reference"
_READ_AT_ONCE = 64
# How files begin whose column does not say what they are
_BEGINNINGS = {b"\x93NUMPY": ".npy", b"PK": ".npz", b"\xff\xd8": ".jpg", b"\x89PNG": ".png", b"RIFF": ".wav"}
_COMMON = {
    Modality.IMAGE: ".png",
    Modality.THERMAL: ".png",
    Modality.TOUCH: ".png",
    Modality.EVENT: ".raw",
    Modality.AUDIO: ".wav",
    Modality.POINT: ".pcd",
    Modality.TEXT: ".txt",
}


@dataclass(frozen=True)
class StoredRecording:
    """One modality's file of a sample. ending: with its dot. reference: picture of the untouched sensor, for touch."""

    id: str
    ending: str
    content: bytes
    reference: bytes = b""


def find_shards(folder: Path) -> list[Path]:
    """The tar and Parquet files of a folder, by name. Raises ConfigurationError for none, or two of one name."""
    shards = sorted(path for path in folder.glob("*") if path.suffix in {TAR, PARQUET} and path.name[0] not in "._")
    if not shards:
        raise ConfigurationError("there are no shards", remedy=_LAYOUT, source=str(folder))
    if len({shard.stem for shard in shards}) < len(shards):
        raise ConfigurationError("two shards have one name", remedy="rename one of them", source=str(folder))
    return shards


def recordings_of(shard: Path, modality: Modality) -> Iterator[StoredRecording]:
    """A modality's recordings in a shard, one in memory at a time; samples without one are left out.

    Raises ConfigurationError that names the shard when it is damaged or of another layout.
    """
    readers: dict[str, Callable[[Path, Modality], Iterator[StoredRecording]]] = {TAR: _of_tar, PARQUET: _of_parquet}
    try:
        yield from readers[shard.suffix](shard, modality)
    except ConfigurationError as error:
        raise error.at(str(shard)) from error.__cause__
    except (OSError, ValueError, tarfile.TarError, pa.ArrowException) as error:
        problem = str(error.args[0] if error.args else type(error).__name__).partition(" @ ")[0]
        raise ConfigurationError(f"the shard cannot be read: {problem}", remedy=_LAYOUT, source=str(shard)) from error


def _of_tar(shard: Path, modality: Modality) -> Iterator[StoredRecording]:
    named, plain = f"{modality}.", {ending.removeprefix(".") for ending in FILE_TYPES[modality]}
    starts = (named, f"{_REFERENCE}.") if modality is Modality.TOUCH else named

    def is_wanted(name: str) -> bool:
        _, ending = base_plus_ext(name)
        return ending is not None and (ending.lower().startswith(starts) or ending.lower() in plain)

    with shard.open("rb") as stream:
        files = tar_file_expander([{"url": str(shard), "stream": stream}], select_files=is_wanted)
        for sample in group_by_keys(files):
            name = sample["__key__"]
            found = [ending for ending in sample if ending.startswith(named)]
            found = found or [ending for ending in sample if ending in plain]
            if not found:
                continue
            if len(found) > 1:
                raise ConfigurationError(
                    f"`{name}` has {len(found)} files that may be its {modality}: {', '.join(found)}",
                    remedy=f"call the right one {name}.{modality}.{found[0]}",
                )
            reference = next((sample[ending] for ending in sample if ending.startswith(_REFERENCE)), b"")
            yield StoredRecording(name, f".{found[0].removeprefix(named)}", sample[found[0]], reference)


def _of_parquet(shard: Path, modality: Modality) -> Iterator[StoredRecording]:
    with parquet.ParquetFile(shard) as file:
        missing = {"id", modality.value} - set(file.schema_arrow.names)
        if missing:
            raise ConfigurationError(f"it has no column `{min(missing)}`", remedy=_LAYOUT)
        wanted = {"id", modality.value} | ({_REFERENCE} if modality is Modality.TOUCH else set())
        columns = [name for name in file.schema_arrow.names if name in wanted]
        for batch in file.iter_batches(_READ_AT_ONCE, columns=columns):
            for row in batch.to_pylist():
                stored = _stored(row[modality.value], modality)
                if stored is not None:
                    _, reference = _stored(row.get(_REFERENCE), Modality.TOUCH) or ("", b"")
                    yield StoredRecording(str(row["id"]), *stored, reference)


def _stored(cell: Any, modality: Modality) -> tuple[str, bytes] | None:
    """Ending and content of a cell; None for an empty one."""
    path = ""
    if isinstance(cell, dict):
        cell, path = cell.get("bytes"), cell.get("path") or ""
    if not cell:
        return None
    content = cell.encode() if isinstance(cell, str) else bytes(cell)
    told = (ending for beginning, ending in _BEGINNINGS.items() if content.startswith(beginning))
    return Path(path).suffix or (next(told, "") if modality is not Modality.TEXT else "") or _COMMON[modality], content
