"""Recordings of an index → tar shards: what was recorded together is one sample, files as they are."""

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from webdataset import TarWriter

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.modality import Modality
from training.data.entries import Entry, file_of
from training.data.recording_files import write_recording
from training.data.recordings import read_recording
from training.scale.recording_shards import TAR

SAMPLES = 1000
"""Samples a shard, by default: few enough that what is lost with one process is minutes of work."""


def pack(entries: Sequence[Entry], folder: Path, *, samples: int = SAMPLES) -> list[Path]:
    """Write `00000.tar`, `00001.tar`, … with so many samples each, in the order of the ids.

    Raises ConfigurationError when two ids have one name in a tar file, whose names end at the first dot.
    """
    by_id: dict[str, list[Entry]] = {}
    for entry in entries:
        by_id.setdefault(entry.id, []).append(entry)
    name_of = {identity: identity.replace(".", "_") for identity in sorted(by_id)}
    if len(set(name_of.values())) < len(name_of):
        raise ConfigurationError("some ids differ in dots alone", remedy="give them other ids in the index")
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    identities = list(name_of)
    for number, start in enumerate(range(0, len(identities), samples)):
        shard = folder / f"{number:05d}{TAR}"
        unfinished = shard.with_name(f".{shard.name}")
        # the time is part of a tar file: without it, what is packed twice is the same
        with unfinished.open("wb") as stream, TarWriter(stream, encoder=False, mtime=0) as writer:
            for identity in identities[start : start + samples]:
                writer.write({"__key__": name_of[identity], **dict(_members(by_id[identity]))})
        unfinished.replace(shard)
        written.append(shard)
    return written


def _members(entries: Sequence[Entry]) -> Iterator[tuple[str, bytes]]:
    """Ending and content of a sample's files; a caption is a text where there is no other."""
    captions = [entry.caption for entry in entries if entry.caption]
    if captions and all(entry.modality is not Modality.TEXT or not entry.path for entry in entries):
        yield f"{Modality.TEXT}.txt", captions[0].encode()
    for entry in entries:
        if entry.reference:
            yield f"reference{Path(entry.reference).suffix.lower()}", Path(entry.reference).read_bytes()
        file = file_of(entry.path)
        if str(file) == entry.path:
            yield f"{entry.modality}{file.suffix.lower()}", file.read_bytes()
        elif entry.path:  # one of several in a file
            with tempfile.TemporaryDirectory() as temporary:
                reading = read_recording(entry.modality, entry.path)
                alone = write_recording(entry.modality, reading, Path(temporary) / "recording")
                yield f"{entry.modality}{alone.suffix}", alone.read_bytes()
