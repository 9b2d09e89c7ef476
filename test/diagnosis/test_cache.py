from pathlib import Path

import pytest

from omnibind_ros.diagnosis.cache import cache_state, check_cache
from omnibind_ros.diagnosis.finding import Verdict
from omnibind_ros.inference.engines.private_folder import PrivateFolder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "engines"
    PrivateFolder(folder).write("image.plan", b"x" * 1000, {"network": "tiny/image"})
    return folder


def test_nothing_is_made_where_nothing_was_built(tmp_path: Path) -> None:
    first = next(iter(check_cache(tmp_path / "engines")))
    assert first.verdict is Verdict.OK
    assert "nothing is built yet" in first.message
    assert not (tmp_path / "engines").exists()


def test_what_is_there_is_told_with_its_size(folder: Path) -> None:
    state = cache_state(folder)
    assert [entry.name for entry in state.entries] == ["image.plan"]
    assert state.size_bytes > 1000
    assert state.strange == ()
    assert "1 networks: tiny/image" in next(iter(check_cache(folder))).message


def test_what_nothing_uses_is_told(folder: Path) -> None:
    (folder / "old.plan").write_bytes(b"")
    assert any("old.plan" in one.message and one.verdict is Verdict.WARNING for one in check_cache(folder))


@pytest.mark.parametrize("kind", ["link", "file"])
def test_what_is_no_folder_of_this_user_is_a_problem(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "engines"
    if kind == "link":
        path.symlink_to(tmp_path)
    else:
        path.write_bytes(b"")
    first = next(iter(check_cache(path)))
    assert first.verdict is Verdict.PROBLEM
    assert f"rm -r {path}" in first.remedy
