import errno
import os
import stat
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omnibind_ros.errors import BackendError
from omnibind_ros.inference.engines.private_folder import PrivateFolder

ABOUT = {"gpu": "Orin", "shapes": [[1, 3]]}
CONTENT = b"an engine"


@pytest.fixture
def folder(tmp_path: Path) -> PrivateFolder:
    return PrivateFolder(tmp_path / "cache" / "engines")


def test_what_was_written_is_read(folder: PrivateFolder) -> None:
    assert folder.read("a.plan", ABOUT) is None
    folder.write("a.plan", CONTENT, ABOUT)
    assert folder.read("a.plan", ABOUT) == CONTENT


def test_nobody_else_can_read_or_write_it(folder: PrivateFolder) -> None:
    folder.write("a.plan", CONTENT, ABOUT)
    assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.path.iterdir()} == {0o600}


def test_a_folder_that_others_can_write_to_is_closed_before_anything_is_read(folder: PrivateFolder) -> None:
    folder.write("a.plan", CONTENT, ABOUT)
    folder.path.chmod(0o777)
    assert folder.read("a.plan", ABOUT) == CONTENT
    assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700


@settings(deadline=None, max_examples=30)
@given(place=st.integers(0, len(CONTENT) - 1), change=st.integers(1, 255))
def test_no_changed_byte_goes_through(place: int, change: int) -> None:
    with tempfile.TemporaryDirectory() as path:
        folder = PrivateFolder(Path(path) / "engines")
        folder.write("a.plan", CONTENT, ABOUT)
        changed = bytearray(CONTENT)
        changed[place] ^= change
        (folder.path / "a.plan").write_bytes(changed)
        assert folder.read("a.plan", ABOUT) is None


@pytest.mark.parametrize(
    "note",
    [b"", b"{", b"[]", b"null", b"[" * 100_000, b'{"about": {}}', b'{"sha256": "0"}', b"\xff", b'{"about": null}'],
    ids=["empty", "half", "list", "null", "deep", "no hash", "only a hash", "no text", "nothing about it"],
)
def test_a_broken_note_is_as_good_as_none(note: bytes, folder: PrivateFolder) -> None:
    folder.write("a.plan", CONTENT, ABOUT)
    (folder.path / "a.plan.json").write_bytes(note)
    assert folder.read("a.plan", ABOUT) is None
    assert [entry.name for entry in folder.entries() if entry.about] == []


def test_a_file_for_something_else_is_not_read(folder: PrivateFolder) -> None:
    folder.write("a.plan", CONTENT, ABOUT)
    assert folder.read("a.plan", {**ABOUT, "gpu": "Thor"}) is None


def test_a_note_that_was_forged_for_another_file_does_not_fit(folder: PrivateFolder) -> None:
    folder.write("a.plan", CONTENT, ABOUT)
    folder.write("b.plan", b"another engine", ABOUT)
    (folder.path / "b.plan.json").replace(folder.path / "a.plan.json")
    assert folder.read("a.plan", ABOUT) is None


@pytest.mark.parametrize("name", ["a.plan", "a.plan.json"])
def test_links_and_pipes_are_not_followed(name: str, folder: PrivateFolder, tmp_path: Path) -> None:
    folder.write("a.plan", CONTENT, ABOUT)
    inside, outside = folder.path / name, tmp_path / "outside"
    inside.replace(outside)
    inside.symlink_to(outside)
    assert folder.read("a.plan", ABOUT) is None
    inside.unlink()
    os.mkfifo(inside)
    assert folder.read("a.plan", ABOUT) is None


def test_a_link_in_the_place_of_the_folder_is_refused(folder: PrivateFolder, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    folder.path.parent.mkdir()
    folder.path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(BackendError, match="is a link or belongs to another user"):
        folder.write("a.plan", CONTENT, ABOUT)
    with pytest.raises(BackendError, match="is a link or belongs to another user"):
        folder.read("a.plan", ABOUT)


def test_a_folder_of_another_user_is_refused(folder: PrivateFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.write("a.plan", CONTENT, ABOUT)
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    with pytest.raises(BackendError, match="belongs to another user"):
        folder.read("a.plan", ABOUT)


def test_a_folder_that_cannot_be_made_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(BackendError, match="cannot be made: .*XDG_CACHE_HOME"):
        PrivateFolder(tmp_path / "file" / "engines").write("a.plan", CONTENT, ABOUT)


def test_a_full_disk_leaves_no_half_of_a_file(folder: PrivateFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.write("a.plan", CONTENT, ABOUT)

    def disk_is_full(_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", disk_is_full)
        with pytest.raises(BackendError, match=r"a\.plan: .*No space left on device \(make room"):
            folder.write("a.plan", b"a larger engine", ABOUT)
    assert folder.read("a.plan", ABOUT) is None
    folder.sweep()
    assert list(folder.path.iterdir()) == []


def test_sweeping_removes_only_what_cannot_be_read(folder: PrivateFolder) -> None:
    folder.write("whole.plan", CONTENT, ABOUT)
    for name in ("without-note.plan", "broken.plan", ".half.partial"):
        (folder.path / name).write_bytes(CONTENT)
    (folder.path / "broken.plan.json").write_text("{")
    (folder.path / ".builder.lock").write_bytes(b"")
    folder.sweep()
    assert {path.name for path in folder.path.iterdir()} == {"whole.plan", "whole.plan.json", ".builder.lock"}


def test_reading_counts_as_use(folder: PrivateFolder) -> None:
    folder.write("a.plan", CONTENT, ABOUT)
    os.utime(folder.path / "a.plan.json", (1000, 1000))
    assert [entry.used_s for entry in folder.entries()] == [1000]
    folder.read("a.plan", ABOUT)
    assert next(folder.entries()).used_s > 1000


def test_removing_what_is_not_there_is_no_error(folder: PrivateFolder) -> None:
    folder.remove("a.plan")
    folder.write("a.plan", CONTENT, ABOUT)
    folder.remove("a.plan")
    assert folder.read("a.plan", ABOUT) is None
    assert list(folder.entries()) == []
