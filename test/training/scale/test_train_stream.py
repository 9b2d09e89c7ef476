import json

import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from omnibind_ros.errors import ConfigurationError  # noqa: E402
from omnibind_ros.modality import Modality  # noqa: E402
from training.projection.embedding_table import load_table  # noqa: E402
from training.projection.pairs import pairs_of_shared_ids, write_pairs  # noqa: E402
from training.projection.projector import load_projector  # noqa: E402
from training.projection.train import CachedEmbeddings, ProjectConfig, retrieval_of, train_projector  # noqa: E402
from training.scale import train_stream  # noqa: E402
from training.scale.train_stream import train_streamed  # noqa: E402

CONFIG = ProjectConfig(hidden=64, epochs=20, batch=32, learning_rate=1e-2)

# Both processes train twice; the first time the second of them kills itself once, between two checkpoints.
KILLED = """
import os, signal, sys
from dataclasses import replace
from pathlib import Path
from omnibind_ros.modality import Modality
from training.processes import accelerator
from training.projection.train import ProjectConfig
from training.scale.embedding_shards import EmbeddingShards
from training.scale.pair_stream import PairStream
from training.scale.train_stream import train_streamed

folder = Path(sys.argv[1])
audio, text = (EmbeddingShards(folder / "pairs" / name) for name in ("audio", "text"))
config = ProjectConfig(hidden=64, epochs=20, batch=32, learning_rate=1e-2)
once, own, asked = folder / "killed", PairStream.own, []

def killed(self, step):
    asked.append(step)
    if step == 42 and accelerator().process_index == 1 and not once.exists():
        once.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return own(self, step)

PairStream.own = killed
for name in ("broken", "whole"):
    asked.clear()
    train_streamed(folder / name, (Modality.AUDIO, audio), {Modality.TEXT: text}, config, window=60)
    if accelerator().is_main_process:
        (folder / (name + ".first")).write_text(str(asked[0]))
"""


def same(first, second) -> bool:
    one, other = first.projector.state_dict(), second.projector.state_dict()
    return all(torch.equal(value, other[name]) for name, value in one.items())


def in_memory(pairs) -> CachedEmbeddings:
    audio, text = (load_table(shards.folder) for shards in pairs)
    return CachedEmbeddings(Modality.AUDIO, audio, {Modality.TEXT: text})


def streamed(pairs, folder, **changes):
    audio, text = pairs
    return train_streamed(folder, (Modality.AUDIO, audio), {Modality.TEXT: text}, CONFIG, **changes)


def test_with_everything_in_one_window_it_is_the_training_in_memory(pairs, tmp_path):
    cached = in_memory(pairs)
    matches = pairs_of_shared_ids(
        (Modality.AUDIO, cached.projected.row_of), {Modality.TEXT: cached.frozen[Modality.TEXT].row_of}
    )
    whole = train_projector(tmp_path / "memory", cached, [matches], CONFIG)
    assert same(whole, streamed(pairs, tmp_path / "shards"))


def test_with_small_windows_it_learns_as_well(pairs, tmp_path):
    ids = [name for name in load_table(pairs[1].folder).ids if name.startswith("3-")]
    write_pairs(tmp_path / "held_out.csv", ("audio", "text"), [(name, name) for name in ids])
    streamed(pairs, tmp_path / "shards", window=60, held_out=tmp_path / "held_out.csv")
    results = json.loads((tmp_path / "shards" / "results.json").read_text())["split-1"]
    assert set(results) == {"audio→text", "text→audio"}
    assert all(recalls["1"] > 0.6 for recalls in results.values()), "chance is 1 in 42"


def test_training_that_broke_off_ends_as_if_it_had_not(pairs, tmp_path, monkeypatch):
    whole = streamed(pairs, tmp_path / "whole", window=60)
    real = train_stream.PairStream.own
    asked = []

    def breaks(self, step):
        asked.append(step)
        if len(asked) == 23:
            raise KeyboardInterrupt
        return real(self, step)

    monkeypatch.setattr(train_stream.PairStream, "own", breaks)
    with pytest.raises(KeyboardInterrupt):
        streamed(pairs, tmp_path / "broken", window=60)
    assert same(whole, streamed(pairs, tmp_path / "broken", window=60))
    assert asked[23] > 0, "it did not begin anew"


def test_what_is_done_is_not_done_again_but_with_other_shards(pairs, tmp_path, monkeypatch):
    streamed(pairs, tmp_path / "run")
    trained = []
    real = train_stream.train_on
    monkeypatch.setattr(train_stream, "train_on", lambda *given: trained.append(1) or real(*given))
    streamed(pairs, tmp_path / "run")
    assert not trained
    (pairs[0].folder / "4.parquet").unlink()
    fewer = tuple(type(shards)(shards.folder) for shards in pairs)
    streamed(fewer, tmp_path / "run")
    assert trained


def test_held_out_pairs_have_to_name_both_sides(pairs, tmp_path):
    write_pairs(tmp_path / "held_out.csv", ("text",), [("0-1",)])
    with pytest.raises(ConfigurationError, match="no pair of audio"):
        streamed(pairs, tmp_path / "shards", held_out=tmp_path / "held_out.csv")


@pytest.mark.slow
def test_two_processes_one_of_them_killed_train_what_two_undisturbed_would(pairs, tmp_path, two_processes):
    script = tmp_path / "killed.py"
    script.write_text(KILLED)
    two_processes(script, tmp_path, restarts=1)
    assert int((tmp_path / "broken.first").read_text()) > 0, "it did not begin anew"
    broken, whole = (load_projector(tmp_path / name / "projector.safetensors") for name in ("broken", "whole"))
    assert same(broken, whole)
    cached = in_memory(pairs)
    matches = pairs_of_shared_ids(
        (Modality.AUDIO, cached.projected.row_of), {Modality.TEXT: cached.frozen[Modality.TEXT].row_of}
    )
    assert retrieval_of(whole.projector, cached, matches)["audio→text"]["1"] > 0.6
