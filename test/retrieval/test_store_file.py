import os
from pathlib import Path

import pytest
from seen import DIMENSION, NEVER_THE_SAME, SPACE, axis, random_directions, sighting, store_of

from omnibind_ros.errors import ConfigurationError, StoreError
from omnibind_ros.retrieval import store_file
from omnibind_ros.retrieval.store import Store
from omnibind_ros.retrieval.store_file import StoreFile


def read(file: StoreFile) -> Store:
    return file.read(SPACE, DIMENSION, NEVER_THE_SAME)


def test_what_was_written_is_there_for_this_user_and_in_the_next_process(tmp_path: Path) -> None:
    path = tmp_path / "new" / "memory.safetensors"
    file = StoreFile(path)
    assert len(read(file)) == 0
    store = store_of(random_directions(3))
    file.write(store)
    store.add(sighting(axis(0)))
    file.write(store)
    file.close()
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0
    again = StoreFile(path)
    assert [entry.number for entry in read(again).entries] == [1, 2, 3, 4]
    again.close()


def test_one_process_at_a_time_has_it(tmp_path: Path) -> None:
    file = StoreFile(tmp_path / "memory.safetensors")
    with pytest.raises(StoreError, match="another process has this memory"):
        StoreFile(tmp_path / "memory.safetensors")
    file.close()
    StoreFile(tmp_path / "memory.safetensors").close()


def test_a_file_that_is_half_written_never_takes_the_place_of_a_whole_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = StoreFile(tmp_path / "memory.safetensors")
    file.write(store_of(random_directions(3)))

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError, match="memory.safetensors: cannot be written: No space left on device"):
        file.write(store_of(random_directions(5)))
    assert len(read(file)) == 3
    assert {path.name for path in tmp_path.iterdir()} == {"memory.safetensors", "memory.safetensors.lock"}
    file.close()


def test_a_damaged_file_is_moved_away_and_one_is_kept(tmp_path: Path) -> None:
    file = StoreFile(tmp_path / "memory.safetensors")
    for content in (b"first", b"second"):
        file.path.write_bytes(content)
        with pytest.raises(StoreError, match="memory.safetensors: the memory is damaged"):
            read(file)
        assert file.set_aside().read_bytes() == content
        assert len(read(file)) == 0
    assert len(list(tmp_path.glob("*.damaged"))) == 1
    file.discard_damaged()
    file.discard_damaged()
    assert not list(tmp_path.glob("*.damaged"))
    file.close()


def test_what_cannot_be_read_or_be_there_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(StoreError, match="cannot be written: "):
        StoreFile(Path(os.devnull) / "memory.safetensors")
    file = StoreFile(tmp_path / "memory.safetensors")
    file.path.mkdir()
    with pytest.raises(ConfigurationError, match="cannot be read: Is a directory"):
        read(file)
    file.path.rmdir()
    file.path.write_bytes(b"much too large")
    monkeypatch.setattr(store_file, "_LARGEST_FILE", 3)
    with pytest.raises(StoreError, match="larger than any memory"):
        read(file)
    file.close()
