import csv
import os
import shutil
from signal import SIGKILL

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")
pytest.importorskip("webdataset", reason="needs requirements/training.txt")

from omnibind_ros.errors import ConfigurationError  # noqa: E402
from omnibind_ros.modality import Modality  # noqa: E402
from training.projection.embedding_table import load_table  # noqa: E402
from training.scale import embedding_shards, extraction  # noqa: E402
from training.scale.extraction import UNREADABLE_FILE, Extracted, extract_shards, finish, jobs_of  # noqa: E402
from training.scale.shard_encoder import EncoderSpec, OnnxNetwork  # noqa: E402

# As the command, but the second process kills itself once, in the middle of writing a shard.
KILLED = """
import os, signal, sys
from pathlib import Path
from omnibind_ros.modality import Modality
from training.processes import accelerator
from training.scale import embedding_shards
from training.scale.extraction import extract_shards
from training.scale.shard_encoder import EncoderSpec

bundle, samples, output = sys.argv[1:]
once, write = Path(output).with_suffix(".killed"), embedding_shards.parquet.write_table

def killed(table, stream, **settings):
    if accelerator().process_index == 1 and not once.exists():
        stream.write(b"half a shard")
        stream.flush()
        once.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    write(table, stream, **settings)

embedding_shards.parquet.write_table = killed
done = extract_shards(
    EncoderSpec(Modality.IMAGE, bundle=bundle), Path(samples), Path(output), precision="float16", threads=1
)
assert done.shards + done.done_before == 5, done
"""


@pytest.fixture
def spec(tiny):
    return EncoderSpec(Modality.IMAGE, bundle=str(tiny.folder))


def extract(spec, samples, output, precision="float16") -> Extracted:
    return extract_shards(spec, samples, output, precision=precision, threads=1)


def test_each_shard_is_written_once_and_only_what_changed_again(spec, shards, tmp_path):
    samples = tmp_path / "shards"
    shutil.copytree(shards, samples)
    first = extract(spec, samples, tmp_path / "image")
    assert (first.shards, first.embeddings, first.done_before) == (5, 20, 0)
    assert load_table(tmp_path / "image").ids == tuple(f"thing/{number:02d}" for number in range(20))
    again = extract(spec, samples, tmp_path / "image")
    assert (again.shards, again.done_before) == (0, 5)
    (tmp_path / "image" / "00003.parquet").unlink()
    (samples / "00001.tar").touch()
    some = extract(spec, samples, tmp_path / "image")
    assert (some.shards, some.done_before) == (2, 3)
    other = extract(spec, samples, tmp_path / "image", precision="float32")
    assert other.shards == 5, "another precision is another result"


def test_what_is_left_out_is_listed_and_a_damaged_shard_stops_no_other(tiny, shards, tmp_path):
    samples = tmp_path / "shards"
    shutil.copytree(shards, samples)
    whole = (samples / "00002.tar").read_bytes()
    (samples / "00002.tar").write_bytes(whole[:700])
    spec = EncoderSpec(Modality.AUDIO, bundle=str(tiny.folder))
    done = extract(spec, samples, tmp_path / "audio")
    assert (done.shards, done.embeddings, done.left_out) == (4, 14, 2)
    assert list(done.problems) == [str(samples / "00002.tar")]
    with (tmp_path / "audio" / UNREADABLE_FILE).open() as file:
        rows = list(csv.DictReader(file))
    assert [row["id"] for row in rows] == ["", "thing/04", "thing/07"]
    (samples / "00002.tar").write_bytes(whole)
    repaired = extract(spec, samples, tmp_path / "audio")
    assert (repaired.shards, repaired.done_before, repaired.problems) == (1, 4, {})


def test_a_shard_that_nobody_wrote_is_not_passed_over(spec, shards, tmp_path):
    jobs = jobs_of(shards, tmp_path, "digest", "float16")
    with pytest.raises(ConfigurationError, match="5 shards were not written"):
        finish(jobs, tmp_path, Extracted())


def test_ids_that_are_there_twice_are_refused(spec, shards, tmp_path, monkeypatch):
    twice = extraction.recordings_of
    monkeypatch.setattr(extraction, "recordings_of", lambda *given: [*twice(*given), *twice(*given)])
    done = extract(spec, shards, tmp_path / "image")
    assert "twice" in next(iter(done.problems.values()))


def test_embeddings_too_large_for_their_precision_are_refused(spec, shards, tmp_path, monkeypatch):
    monkeypatch.setattr(OnnxNetwork, "__call__", lambda self, inputs: np.full((len(inputs), 16), 1e5, np.float32))
    done = extract(spec, shards, tmp_path / "image")
    assert all("--precision float32" in problem for problem in done.problems.values())
    assert len(done.problems) == 5
    assert not extract(spec, shards, tmp_path / "image", precision="float32").problems


def test_who_is_killed_leaves_no_shard_and_the_next_start_makes_it(spec, shards, tmp_path, monkeypatch):
    jobs = jobs_of(shards, tmp_path, "digest", "float16")
    encoder = spec.open()
    extraction.do_job(encoder, jobs[0])
    child = os.fork()
    if not child:  # as in a process that is killed in the middle of writing
        try:
            monkeypatch.setattr(embedding_shards.parquet, "write_table", lambda *_, **__: os.kill(os.getpid(), SIGKILL))
            extraction.do_job(encoder, jobs[1])
        finally:
            os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -SIGKILL
    assert len(list(tmp_path.iterdir())) == 2, "a shard, and one that is not finished"
    assert extraction.pending(jobs) == jobs[1:]
    assert extract(spec, shards, tmp_path).embeddings == 20
    assert len(list(tmp_path.iterdir())) == 6, "five shards and the list of what is unreadable"


@pytest.mark.slow
def test_two_processes_one_of_them_killed_leave_what_one_would(spec, shards, tmp_path, two_processes):
    extract(spec, shards, tmp_path / "alone")
    script = tmp_path / "killed.py"
    script.write_text(KILLED)
    two_processes(script, spec.bundle, shards, tmp_path / "together", restarts=1)
    assert (tmp_path / "together.killed").exists()
    alone, together = load_table(tmp_path / "alone"), load_table(tmp_path / "together")
    assert together.ids == alone.ids
    np.testing.assert_array_equal(together.vector_ND, alone.vector_ND)
