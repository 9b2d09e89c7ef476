import os
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save
from tiny_bundle import unit_vectors

from omnibind_ros.recognition.centre_cache import CentreCache

KEY = ("encoder", "a photo of a mug")
CENTRES = unit_vectors(3)


class Cache:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.warnings: list[str] = []
        self.cache = CentreCache(folder, self.warnings.append)

    @property
    def files(self) -> list[Path]:
        return list(self.folder.iterdir())


@pytest.fixture
def kept(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "below" / "centres")


def test_what_was_written_is_read_by_the_same_key_only(kept: Cache) -> None:
    assert kept.cache.read(KEY, CENTRES.shape) is None
    kept.cache.write(KEY, CENTRES)
    read = Cache(kept.folder).cache.read(KEY, CENTRES.shape)
    assert read is not None
    np.testing.assert_array_equal(read, CENTRES)
    assert kept.cache.read((*KEY, "x"), CENTRES.shape) is None
    assert kept.cache.read(("".join(KEY),), CENTRES.shape) is None
    assert len(kept.files) == 1


def test_nobody_else_may_look(kept: Cache) -> None:
    kept.cache.write(KEY, CENTRES)
    assert kept.folder.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"nonsense",
        save({"other": CENTRES}),
        save({"centres": CENTRES[:2]}),
        save({"centres": CENTRES * 2}),
        save({"centres": CENTRES * np.float32(np.nan)}),
        save({"centres": CENTRES.astype(np.float64)}),
    ],
    ids=["empty", "nonsense", "other", "shape", "length", "nan", "type"],
)
def test_what_is_of_no_use_is_as_if_it_were_not_there(kept: Cache, content: bytes) -> None:
    kept.cache.write(KEY, CENTRES)
    kept.files[0].write_bytes(content)
    assert kept.cache.read(KEY, CENTRES.shape) is None
    kept.cache.write(KEY, CENTRES)
    assert kept.cache.read(KEY, CENTRES.shape) is not None


def test_a_disk_that_takes_nothing_is_one_warning(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    kept = Cache(tmp_path / "file" / "centres")
    for _ in range(3):
        kept.cache.write(KEY, CENTRES)
    assert kept.cache.read(KEY, CENTRES.shape) is None
    assert len(kept.warnings) == 1
    assert "XDG_CACHE_HOME" in kept.warnings[0]


def test_half_a_file_is_never_left_under_its_name(kept: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", fail)
    kept.cache.write(KEY, CENTRES)
    assert kept.files == []
    assert "No space left on device" in kept.warnings[0]


def test_what_was_not_used_for_longest_makes_room(tmp_path: Path) -> None:
    size = len(save({"centres": CENTRES}))
    warnings: list[str] = []
    cache = CentreCache(tmp_path, warnings.append, most_bytes=3 * size)

    def used_at(label: str, when_s: float) -> None:
        os.utime(cache._path((label,)), (when_s, when_s))

    for number, label in enumerate(("mug", "hammer", "bottle")):
        cache.write((label,), CENTRES)
        used_at(label, 1000.0 + number)
    assert cache.read(("mug",), CENTRES.shape) is not None  # used just now
    cache.write(("sponge",), CENTRES)
    kept = {label for label in ("mug", "hammer", "bottle", "sponge") if cache.read((label,), CENTRES.shape) is not None}
    assert kept == {"mug", "bottle", "sponge"}
    for number in range(20):
        cache.write((str(number),), CENTRES)
        assert sum(file.stat().st_size for file in tmp_path.iterdir()) <= 3 * size
    assert warnings == []


def test_what_earlier_runs_and_crashes_left_makes_room_too(tmp_path: Path) -> None:
    size = len(save({"centres": CENTRES}))
    for number in range(10):
        left = tmp_path / f"tmp{number}"
        left.write_bytes(b"x" * size)
        os.utime(left, (number, number))
    CentreCache(tmp_path, pytest.fail, most_bytes=2 * size).write(KEY, CENTRES)
    assert len(list(tmp_path.iterdir())) == 2
    assert CentreCache(tmp_path, pytest.fail).read(KEY, CENTRES.shape) is not None


def test_what_cannot_be_removed_is_one_warning(kept: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: Path, *, missing_ok: bool = False) -> None:
        raise PermissionError(1, "Operation not permitted")

    cache = CentreCache(kept.folder, kept.warnings.append, most_bytes=0)
    monkeypatch.setattr(Path, "unlink", fail)
    for number in range(3):
        cache.write((str(number),), CENTRES)
    assert len(kept.warnings) == 1
