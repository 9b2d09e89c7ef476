import gc
import weakref

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from omnibind_ros.errors import ConfigurationError  # noqa: E402
from omnibind_ros.modality import Modality  # noqa: E402
from training.projection.embedding_table import load_table  # noqa: E402
from training.scale import pair_stream  # noqa: E402
from training.scale.embedding_shards import EmbeddingShards, write_shard  # noqa: E402
from training.scale.pair_stream import PairStream  # noqa: E402

PAIRS = sum(40 + 3 * number - len(range(0, 40 + 3 * number, 7)) for number in range(5))


def stream(pairs, **changes) -> PairStream:
    audio, text = pairs
    settings = {"batch": 16, "epochs": 1, "window": 1000, "seed": 0} | changes
    return PairStream((Modality.AUDIO, audio), {Modality.TEXT: text}, **settings)


def seen(batches: PairStream) -> "torch.Tensor":
    return torch.cat([batches.own(step).projected_BI for step in range(len(batches))])


def rows(values: "torch.Tensor") -> "set[tuple[float, ...]]":
    return set(map(tuple, values.tolist()))


@pytest.mark.parametrize("window", [1, 60, 90, 1000])
def test_every_pair_comes_once_an_epoch_with_its_own_text(pairs, window):
    audio, text = (load_table(shards.folder) for shards in pairs)
    batches = stream(pairs, window=window, batch=1)
    assert len(batches) == PAIRS
    shared = [audio.row_of[name] for name in text.ids]
    assert rows(seen(batches)) == rows(torch.from_numpy(audio.vector_ND[shared]))
    batch = stream(pairs, window=window).own(0)
    number = {tuple(vector.tolist()): row for row, vector in enumerate(audio.vector_ND)}
    own = [audio.ids[number[tuple(one)]] for one in batch.projected_BI.tolist()]
    expected = text.unit()[[text.row_of[name] for name in own]]
    np.testing.assert_array_equal(batch.frozen[Modality.TEXT].unit_BD.numpy(), expected)
    assert batch.frozen[Modality.TEXT].there_B.all()
    assert (batch.target_B == 1).all()


def test_shards_and_pairs_are_shuffled_anew_each_epoch_and_alike_for_a_seed(pairs):
    first, again, other = (seen(stream(pairs, window=60, epochs=2, seed=seed)) for seed in (0, 0, 1))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    half = len(first) // 2
    assert not torch.equal(first[:half], first[half:])


@pytest.mark.parametrize("window", [60, 1000])
def test_it_goes_on_at_any_step_and_reads_only_what_it_needs(pairs, window, monkeypatch):
    whole = stream(pairs, window=window, epochs=3)
    expected = [whole.own(step).projected_BI for step in range(len(whole))]
    for start in (1, 7, len(whole) // 2 + 1, len(whole) - 1):
        resumed = stream(pairs, window=window, epochs=3)
        for step in range(start, len(whole)):
            assert torch.equal(resumed.own(step).projected_BI, expected[step]), (start, step)


def test_what_it_holds_is_bounded_by_the_window_and_not_by_the_data(tmp_path, monkeypatch):
    audio, text = many_shards(tmp_path, shards=40, rows=20)
    held, most = set(), []
    real = EmbeddingShards.load

    def counted(shards, name):
        table = real(shards, name)
        count(table.vector_ND, len(table.ids))
        return table

    def count(thing, pairs):
        key = (object(), pairs)
        held.add(key)
        weakref.finalize(thing, held.discard, key)
        most.append(sum(pairs for _, pairs in held))

    empty = PairStream._empty

    def counted_window(self, pairs):
        made = empty(self, pairs)
        count(made, 2 * pairs)  # both modalities
        return made

    monkeypatch.setattr(EmbeddingShards, "load", counted)
    monkeypatch.setattr(PairStream, "_empty", counted_window)
    gc.disable()
    try:
        batches = stream((audio, text), window=60, batch=8)
        for step in range(len(batches)):
            batches.own(step)
    finally:
        gc.enable()
    assert len(batches) == 100, "all of 800 pairs"
    assert max(most) <= 2 * 2 * 60 + 2 * 20, "two windows and a shard, of both modalities"


def many_shards(folder, *, shards: int, rows: int):
    for modality, size in (("audio", 3), ("text", 2)):
        (folder / modality).mkdir()
        for number in range(shards):
            ids = [f"{number}-{row}" for row in range(rows)]
            vectors = np.random.default_rng(number).normal(size=(rows, size)).astype(np.float16)
            write_shard(folder / modality / f"{number:02d}.parquet", ids, vectors, mark="")
    return EmbeddingShards(folder / "audio"), EmbeddingShards(folder / "text")


def test_processes_read_different_shards_and_as_many_pairs(pairs, monkeypatch):
    class Two:
        num_processes = 2
        process_index = 0

    monkeypatch.setattr(pair_stream, "accelerator", lambda: Two)
    every = dict((name, 30) for name in "01234")  # noqa: C402
    monkeypatch.setattr(PairStream, "_counted", lambda self: {name: self._pairs_of(name) for name in every})
    parts = []
    for process in range(2):
        Two.process_index = process
        batches = stream(pairs, batch=8)
        parts.append([batches.own(step).projected_BI for step in range(len(batches))])
    first, second = parts
    assert [len(one) for one in first] == [len(one) for one in second] == [4] * len(first)
    assert not rows(torch.cat(first)) & rows(torch.cat(second))


def test_a_modality_that_a_shard_lacks_says_nothing_there(pairs, tmp_path):
    audio, text = pairs
    (tmp_path / "image").mkdir()
    for name in audio.footers:
        ids = audio.ids(name).to_pylist()
        write_shard(tmp_path / "image" / f"{name}.parquet", ids, np.ones((len(ids), 8), np.float32), mark="")
    (text.folder / "3.parquet").unlink()
    batches = PairStream(
        (Modality.AUDIO, audio),
        {Modality.TEXT: EmbeddingShards(text.folder), Modality.IMAGE: EmbeddingShards(tmp_path / "image")},
        batch=500, epochs=1, window=1000, seed=0,
    )  # fmt: skip
    batch = batches.own(0)
    assert len(batch.target_B) == sum(40 + 3 * number for number in range(5))
    assert batch.frozen[Modality.IMAGE].there_B.all()
    assert 0 < int(batch.frozen[Modality.TEXT].there_B.sum()) < PAIRS


def test_shards_without_a_common_id_are_refused(pairs, tmp_path):
    audio, _ = pairs
    (tmp_path / "other").mkdir()
    write_shard(tmp_path / "other" / "0.parquet", ["x"], np.ones((1, 8), np.float16), mark="")
    with pytest.raises(ConfigurationError, match="same name"):
        stream((audio, EmbeddingShards(tmp_path / "other")))
    with pytest.raises(ConfigurationError, match="of one space"):
        PairStream(
            (Modality.AUDIO, audio),
            {Modality.TEXT: pairs[1], Modality.IMAGE: audio},
            batch=8,
            epochs=1,
            window=9,
            seed=0,
        )
