import io
import tarfile

import pyarrow as pa
import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")
pytest.importorskip("webdataset", reason="needs requirements/training.txt")

from pyarrow import parquet  # noqa: E402

from omnibind_ros.errors import ConfigurationError  # noqa: E402
from omnibind_ros.modality import Modality  # noqa: E402
from training.scale.recording_shards import find_shards, recordings_of  # noqa: E402


def tar(path, **files: bytes):
    with tarfile.open(path, "w") as opened:
        for name, content in files.items():
            told = tarfile.TarInfo(name)
            told.size = len(content)
            opened.addfile(told, io.BytesIO(content))
    return path


def test_a_sample_is_the_members_of_one_name_and_each_modality_finds_its_file(tmp_path):
    shard = tar(
        tmp_path / "0.tar",
        **{"a/1.image.JPG": b"picture", "a/1.thermal.png": b"heat", "a/1.txt": b"words", "a/2.jpg": b"other"},
    )
    seen = [(one.id, one.ending, one.content) for one in recordings_of(shard, Modality.IMAGE)]
    assert seen == [("a/1", ".jpg", b"picture"), ("a/2", ".jpg", b"other")]
    assert [one.content for one in recordings_of(shard, Modality.THERMAL)] == [b"heat", b"other"]
    assert [one.content for one in recordings_of(shard, Modality.TEXT)] == [b"words"]
    assert not list(recordings_of(shard, Modality.AUDIO))


def test_a_touch_brings_the_picture_of_its_untouched_sensor(tmp_path):
    shard = tar(tmp_path / "0.tar", **{"1.reference.png": b"nothing", "1.touch.png": b"contact"})
    (found,) = recordings_of(shard, Modality.TOUCH)
    assert (found.content, found.reference) == (b"contact", b"nothing")


def test_two_files_for_one_modality_are_refused_by_name(tmp_path):
    shard = tar(tmp_path / "0.tar", **{"1.jpg": b"", "1.png": b""})
    with pytest.raises(ConfigurationError, match="`1` has 2 files that may be its image: jpg, png"):
        list(recordings_of(shard, Modality.IMAGE))


def test_parquet_holds_bytes_sentences_or_what_hugging_face_writes(tmp_path):
    rows = [
        {"id": 1, "image": {"bytes": b"\xff\xd8 picture", "path": "a.bmp"}, "audio": b"RIFF sound", "text": "words"},
        {"id": 2, "image": {"bytes": b"\xff\xd8 picture", "path": None}, "audio": None, "text": ""},
    ]
    parquet.write_table(pa.Table.from_pylist(rows), tmp_path / "0.parquet")
    (shard,) = find_shards(tmp_path)
    assert [(one.id, one.ending) for one in recordings_of(shard, Modality.IMAGE)] == [("1", ".bmp"), ("2", ".jpg")]
    assert [(one.id, one.ending) for one in recordings_of(shard, Modality.AUDIO)] == [("1", ".wav")]
    assert [(one.ending, one.content) for one in recordings_of(shard, Modality.TEXT)] == [(".txt", b"words")]
    with pytest.raises(ConfigurationError, match="no column `point`"):
        list(recordings_of(shard, Modality.POINT))


def test_a_damaged_shard_is_named(tmp_path):
    shard = tar(tmp_path / "0.tar", **{"1.txt": b"one" * 1000, "2.txt": b"two" * 1000})
    shard.write_bytes(shard.read_bytes()[:5000])
    with pytest.raises(ConfigurationError, match="0.tar: the shard cannot be read: unexpected end of data") as raised:
        list(recordings_of(shard, Modality.TEXT))
    assert "BufferedReader" not in str(raised.value)


def test_a_folder_without_shards_or_with_two_of_one_name_is_refused(tmp_path):
    with pytest.raises(ConfigurationError, match="no shards"):
        find_shards(tmp_path)
    for name in ("a.tar", ".b.tar", "a.parquet"):
        (tmp_path / name).touch()
    with pytest.raises(ConfigurationError, match="one name"):
        find_shards(tmp_path)
