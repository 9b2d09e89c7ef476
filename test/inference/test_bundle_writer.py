import hashlib
from pathlib import Path

import pytest
from tiny_bundle import centres_file, tiny_description, unit_vectors, write_tiny_bundle

from omnibind_ros.errors import BundleError
from omnibind_ros.inference.bundle import load_bundle
from omnibind_ros.inference.bundle_writer import file_reference, write_bundle


def everything_in(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    description, contents = tiny_description()
    written = write_bundle(tmp_path / "new" / "tiny", description, contents)
    read = load_bundle(tmp_path / "new" / "tiny")
    assert read.description == written.description
    assert all(read.content(reference) == contents[reference.file] for reference in read.description.files())


def test_everybody_may_read_what_is_written(tmp_path: Path) -> None:
    write_tiny_bundle(tmp_path / "tiny")
    assert (tmp_path / "tiny").stat().st_mode & 0o777 == 0o755


def test_a_new_bundle_replaces_the_old_one_as_a_whole(tmp_path: Path) -> None:
    folder = tmp_path / "tiny"
    write_tiny_bundle(folder)
    (folder / "stray").write_text("from before")
    bundle = write_tiny_bundle(folder, labels=centres_file(unit_vectors(4, seed=7)[:, None]))
    assert (bundle.centres_KkD[:, 0] == unit_vectors(4, seed=7)).all()
    assert not (folder / "stray").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["tiny"]


def test_a_bundle_that_fails_its_checks_leaves_the_old_one(tmp_path: Path) -> None:
    folder = tmp_path / "tiny"
    write_tiny_bundle(folder)
    before = everything_in(folder)
    with pytest.raises(BundleError):
        write_tiny_bundle(folder, labels=b"no label bank")
    assert everything_in(folder) == before
    assert [path.name for path in tmp_path.iterdir()] == ["tiny"]


def test_a_description_that_breaks_the_schema_is_refused_with_its_key(tmp_path: Path) -> None:
    description, contents = tiny_description()
    description["space"]["dimension"] = 0
    with pytest.raises(BundleError, match=r"`space\.dimension`"):
        write_bundle(tmp_path / "tiny", description, contents)
    assert list(tmp_path.iterdir()) == []


def test_files_not_named_and_names_without_files_are_refused(tmp_path: Path) -> None:
    description, contents = tiny_description()
    with pytest.raises(ValueError, match="'extra.bin'"):
        write_bundle(tmp_path / "tiny", description, {**contents, "extra.bin": b""})
    contents.pop("fusion.onnx")
    with pytest.raises(ValueError, match="'fusion.onnx'"):
        write_bundle(tmp_path / "tiny", description, contents)


def test_a_file_that_is_not_its_hash_is_refused(tmp_path: Path) -> None:
    description, contents = tiny_description()
    with pytest.raises(BundleError, match="was changed"):
        write_bundle(tmp_path / "tiny", description, {**contents, "model_card.md": b"# Another\n"})


def test_a_file_reference_carries_the_sha256() -> None:
    assert file_reference("a.onnx", b"abc") == {"file": "a.onnx", "sha256": hashlib.sha256(b"abc").hexdigest()}
