import gzip

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")
pytest.importorskip("webdataset", reason="needs requirements/training.txt")

from omnibind_ros.errors import ConfigurationError  # noqa: E402
from omnibind_ros.modality import Modality  # noqa: E402
from training.data.entries import Entry  # noqa: E402
from training.scale.pack import pack  # noqa: E402
from training.scale.recording_shards import recordings_of  # noqa: E402


def test_every_recording_is_in_one_shard_as_it_was(entries, tmp_path):
    written = pack(entries, tmp_path, samples=6)
    assert [shard.name for shard in written] == ["00000.tar", "00001.tar", "00002.tar", "00003.tar"]
    for modality in (Modality.IMAGE, Modality.AUDIO):
        found = {one.id: one.content for shard in written for one in recordings_of(shard, modality)}
        own = [entry for entry in entries if entry.modality is modality]
        assert found == {entry.id: open(entry.path, "rb").read() for entry in own}  # noqa: PTH123, SIM115
    texts = [one.content.decode() for one in recordings_of(written[0], Modality.TEXT)]
    assert texts[2] == "thing number 2", "a caption is a text"


def test_packing_twice_gives_the_same_bytes(entries, tmp_path):
    first, second = (pack(entries, tmp_path / name, samples=20)[0] for name in ("first", "second"))
    assert first.read_bytes() == second.read_bytes()


def test_one_of_several_in_a_file_becomes_a_file(tmp_path):
    pictures = np.arange(2 * 4 * 5, dtype=np.uint8).reshape(2, 4, 5)
    header = np.array([0x803, *pictures.shape], ">i4").tobytes()
    (tmp_path / "pictures.gz").write_bytes(gzip.compress(header + pictures.tobytes()))
    entries = [Entry(str(item), Modality.IMAGE, f"{tmp_path / 'pictures.gz'}#{item}", "digit") for item in range(2)]
    (shard,) = pack(entries, tmp_path / "shards")
    assert [one.ending for one in recordings_of(shard, Modality.IMAGE)] == [".png", ".png"]


def test_ids_that_would_become_one_are_refused(entries, tmp_path):
    alike = [Entry(name, Modality.TEXT, "", "thing", caption="words") for name in ("a.b", "a_b")]
    with pytest.raises(ConfigurationError, match="dots"):
        pack(alike, tmp_path)
